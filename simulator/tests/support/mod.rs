//! A simulator on a free port and a client that sees the wire as it is.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing
)]

pub mod form;

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use simulator::{Key, Keys, Options, Simulator, State};
use tokio::sync::oneshot;

pub const TRIAL: &str = "ak_concierge_111111111111111111111111111111111111111111111111";
pub const INTERNAL: &str = "ak_concierge_222222222222222222222222222222222222222222222222";
pub const DISABLED: &str = "ak_concierge_333333333333333333333333333333333333333333333333";
pub const BROKEN: &str = "ak_concierge_444444444444444444444444444444444444444444444444";
pub const UNKNOWN: &str = "ak_concierge_555555555555555555555555555555555555555555555555";

pub const SHOP: &str = "https://shop.example";
pub const OTHER_SHOP: &str = "http://localhost:8787";
pub const CHAT: &str = "/v1/concierge/chat";
pub const STAGING: &str = "/staging/v1/concierge/chat";

/// A running simulator, stopped when dropped.
pub struct Server {
    pub url: String,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Server {
    /// As a developer runs it.
    pub fn plain() -> Self {
        Self::start(false)
    }

    /// With faults, the record and the other control paths.
    pub fn with_faults() -> Self {
        Self::start(true)
    }

    fn start(faults: bool) -> Self {
        let mut keys = Keys::default();
        let issued = [
            format!("{TRIAL}:trial:{SHOP},{OTHER_SHOP}").parse(),
            format!("{INTERNAL}:internal:https://inside.example").parse(),
            Key::closed(DISABLED, State::Disabled),
            Key::closed(BROKEN, State::Misconfigured),
        ];
        for key in issued {
            keys.add(key.unwrap()).unwrap();
        }
        let options = Options {
            port: 0,
            keys,
            faults,
            ..Options::default()
        };
        let (ready, is_ready) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let simulator = Simulator::bind(options).await.unwrap();
                ready.send(simulator.url().to_owned()).unwrap();
                tokio::select! {
                    () = simulator.serve() => {}
                    _ = stopped => {}
                }
            });
        });
        let url: String = is_ready.recv().unwrap();
        Self {
            address: url.strip_prefix("http://").unwrap().parse().unwrap(),
            url,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    pub fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).unwrap()
    }

    /// Sends the head and body of a request and leaves the connection open.
    pub fn open(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> TcpStream {
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n", self.address);
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str(&format!(
            "Connection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        ));
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        stream
    }

    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        Reply::read(
            self.open(method, path, headers, body),
            Duration::from_secs(5),
        )
    }

    /// A chat with this key and body, whatever they are.
    pub fn post(&self, key: &str, body: &str) -> Reply {
        self.send("POST", CHAT, &[("x-api-key", key)], body.as_bytes())
    }

    /// A chat with the key that has no limits.
    pub fn chat(&self, body: &Value) -> Reply {
        let headers = [
            ("x-api-key", INTERNAL),
            ("content-type", "application/json"),
        ];
        self.send("POST", CHAT, &headers, body.to_string().as_bytes())
    }

    /// The body of a good answer in a conversation.
    pub fn ask(&self, session: &str, prompt: &str) -> Value {
        let reply = self.chat(&json!({ "prompt": prompt, "session_id": session }));
        assert_eq!(reply.status, Some(200), "{prompt}");
        reply.json()
    }

    pub fn with_fault(&self, fault: &str) -> Reply {
        self.chat(&hurt(fault))
    }

    /// Opens a chat with a fault and does not read.
    pub fn open_with_fault(&self, fault: &str) -> TcpStream {
        let body = hurt(fault).to_string();
        self.open("POST", CHAT, &[("x-api-key", INTERNAL)], body.as_bytes())
    }

    pub fn requests(&self) -> Vec<Value> {
        let reply = self.send("GET", "/_simulator/requests", &[], b"");
        reply.json().as_array().unwrap().clone()
    }

    /// Waits until the record is as wanted, since the server hears of an end a little later.
    pub fn eventually(&self, what: &str, test: impl Fn(&[Value]) -> bool) {
        let end = Instant::now() + Duration::from_secs(3);
        while !test(&self.requests()) {
            assert!(Instant::now() < end, "{what}: {:?}", self.requests());
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.stop.take().map(|stop| stop.send(()));
        let _ = self.thread.take().map(thread::JoinHandle::join);
    }
}

pub fn hurt(fault: &str) -> Value {
    json!({ "prompt": "a gift for mom", "session_id": "s", "context": { "simulator_fault": fault } })
}

/// All that came back, and how it ended.
pub struct Reply {
    /// Absent if not even a head arrived.
    pub status: Option<u16>,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The error with which reading ended: a reset, or a time-out of the client's own.
    pub error: Option<io::ErrorKind>,
}

impl Reply {
    /// Reads until the server closes or the patience ends.
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

    /// Whether the body is as long as announced and the connection was closed in order.
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

    /// The code of an error in the published envelope, whose id must be a UUIDv4.
    pub fn code(&self) -> String {
        assert_eq!(self.header("content-type"), Some("application/json"));
        let body = self.json();
        assert_uuid_v4(&body["request_id"]);
        assert!(body["message"].is_string());
        body["error"].as_str().unwrap().to_owned()
    }
}

pub fn assert_uuid_v4(value: &Value) {
    let id = uuid::Uuid::parse_str(value.as_str().unwrap()).unwrap();
    assert_eq!(id.get_version_num(), 4);
}

/// Whether it is an answer with products.
pub fn is_good(body: &Value) -> bool {
    body["products"]
        .as_array()
        .is_some_and(|list| !list.is_empty())
}
