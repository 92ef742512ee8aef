//! A received answer.

use std::io::{self, Read};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

use super::assert_uuid_v4;

/// Everything that came back, and how it ended.
pub struct Reply {
    /// The status. `None` if no head arrived.
    pub status: Option<u16>,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The error that ended the reading: a reset, or the client's own timeout.
    pub error: Option<io::ErrorKind>,
}

impl Reply {
    /// Reads until the server closes the connection, or is silent for this long.
    pub fn read(mut stream: TcpStream, patience: Duration) -> Self {
        stream.set_read_timeout(Some(patience)).unwrap();
        let mut bytes = Vec::new();
        let error = stream
            .read_to_end(&mut bytes)
            .err()
            .map(|error| error.kind());
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let Some(end) = end else {
            assert!(bytes.is_empty(), "half a head");
            return Self {
                status: None,
                headers: Vec::new(),
                body: Vec::new(),
                error,
            };
        };
        let (head, body) = bytes.split_at(end + 4);
        let head = std::str::from_utf8(head).unwrap().trim_end();
        let mut lines = head.split("\r\n");
        let status = lines
            .next()
            .unwrap()
            .split(' ')
            .nth(1)
            .unwrap()
            .parse()
            .unwrap();
        let headers = lines
            .map(|line| {
                line.split_once(": ")
                    .unwrap_or((line.trim_end_matches(':'), ""))
            })
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Self {
            status: Some(status),
            headers,
            body: body.to_vec(),
            error,
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Returns whether the body has the announced length and the connection was closed normally.
    pub fn is_whole(&self) -> bool {
        self.error.is_none() && self.body.len() == self.announced()
    }

    pub fn announced(&self) -> usize {
        self.header("content-length").unwrap().parse().unwrap()
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn json(&self) -> Value {
        assert!(self.is_whole());
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}", self.text()))
    }

    /// Returns the code of an error in the published envelope. Its id must be a UUIDv4.
    pub fn code(&self) -> String {
        assert_eq!(self.header("content-type"), Some("application/json"));
        let body = self.json();
        assert_uuid_v4(&body["request_id"]);
        assert!(body["message"].is_string());
        body["error"].as_str().unwrap().to_owned()
    }
}
