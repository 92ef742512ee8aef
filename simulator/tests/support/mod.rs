//! A simulator on a free port, and a client that sees every byte of its answers.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing
)]

pub mod calls;
pub mod events;
pub mod form;
pub mod homie;
pub mod omi;
mod reply;

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use simulator::{Assistant, Key, Keys, Options, Serve, Simulator, State, Switched};
use tokio::sync::oneshot;

pub use reply::Reply;

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
    /// The addresses of all its ports. The first one is `url`.
    pub urls: Vec<String>,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Server {
    /// Starts a simulator without faults, as in development.
    pub fn plain() -> Self {
        Self::start(Options::default())
    }

    /// Starts a simulator with faults, the record and the other control paths.
    pub fn with_faults() -> Self {
        Self::start(Options {
            faults: true,
            ..Options::default()
        })
    }

    /// Starts a simulator with faults and a record that keeps this many requests.
    pub fn keeping(keep: usize) -> Self {
        Self::start(Options {
            faults: true,
            keep,
            ..Options::default()
        })
    }

    /// Starts a simulator of one assistant, with faults and these switches.
    pub fn playing(assistant: Assistant, switches: &[(&str, &str)]) -> Self {
        let mut switched = Switched::default();
        for (name, value) in switches {
            switched.set(assistant, name, value).unwrap();
        }
        Self::serving(Serve::One(assistant), switched)
    }

    /// Starts a simulator of these assistants, with faults.
    pub fn serving(serve: Serve, switches: Switched) -> Self {
        Self::start(Options {
            faults: true,
            serve,
            switches,
            ..Options::default()
        })
    }

    fn start(options: Options) -> Self {
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
            ..options
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
                let urls = simulator.sites().map(|(url, _)| url.to_owned());
                ready.send(urls.collect::<Vec<_>>()).unwrap();
                tokio::select! {
                    () = simulator.serve() => {}
                    _ = stopped => {}
                }
            });
        });
        let urls: Vec<String> = is_ready.recv().unwrap();
        let url = urls[0].clone();
        Self {
            address: url.strip_prefix("http://").unwrap().parse().unwrap(),
            url,
            urls,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// Returns the same simulator, called at another of its ports.
    pub fn at(&self, place: usize) -> Self {
        let url = self.urls[place].clone();
        Self {
            address: url.strip_prefix("http://").unwrap().parse().unwrap(),
            url,
            urls: self.urls.clone(),
            stop: None,
            thread: None,
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

    /// Sends a request with a JSON body.
    pub fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Reply {
        self.send(method, path, headers, body.to_string().as_bytes())
    }

    pub fn get(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.send("GET", path, headers, b"")
    }

    /// Sets a fault with its filters.
    pub fn order(&self, order: &Value) {
        let reply = self.call("PUT", "/_simulator/fault", &[], order);
        assert_eq!(reply.status, Some(204), "{}", reply.text());
    }

    /// Ends all faults that were set.
    pub fn no_fault(&self) {
        self.send("DELETE", "/_simulator/fault", &[], b"");
    }

    /// Changes switches, by the names of the assistants.
    pub fn switch(&self, changes: &Value) {
        let reply = self.call("PUT", "/_simulator/switches", &[], changes);
        assert_eq!(reply.status, Some(204), "{}", reply.text());
    }

    /// Sends a chat with any key and body.
    pub fn post(&self, key: &str, body: &str) -> Reply {
        self.send("POST", CHAT, &[("x-api-key", key)], body.as_bytes())
    }

    /// Sends a chat with the key that has no limits.
    pub fn chat(&self, body: &Value) -> Reply {
        let headers = [
            ("x-api-key", INTERNAL),
            ("content-type", "application/json"),
        ];
        self.send("POST", CHAT, &headers, body.to_string().as_bytes())
    }

    /// Sends a prompt in a conversation. Returns the body of the good answer.
    pub fn ask(&self, session: &str, prompt: &str) -> Value {
        let reply = self.chat(&json!({ "prompt": prompt, "session_id": session }));
        assert_eq!(reply.status, Some(200), "{prompt}");
        reply.json()
    }

    pub fn with_fault(&self, fault: &str) -> Reply {
        self.chat(&hurt(fault))
    }

    /// Opens a chat with a fault and does not read the answer.
    pub fn open_with_fault(&self, fault: &str) -> TcpStream {
        let body = hurt(fault).to_string();
        self.open("POST", CHAT, &[("x-api-key", INTERNAL)], body.as_bytes())
    }

    /// Sends a chat with a fault in this session.
    pub fn with_fault_in(&self, session: &str, fault: &str) -> Reply {
        let mut body = hurt(fault);
        body["session_id"] = json!(session);
        self.chat(&body)
    }

    /// Sets this fault for all chats.
    pub fn hold(&self, fault: &str) {
        let body = json!({ "fault": fault }).to_string();
        let reply = self.send("PUT", "/_simulator/fault", &[], body.as_bytes());
        assert_eq!(reply.status, Some(204));
    }

    /// Returns the answer of a control path.
    pub fn control(&self, name: &str) -> Value {
        self.send("GET", &format!("/_simulator/{name}"), &[], b"")
            .json()
    }

    pub fn requests(&self) -> Vec<Value> {
        let reply = self.send("GET", "/_simulator/requests", &[], b"");
        reply.json().as_array().unwrap().clone()
    }

    /// Waits until the record passes the test. The server notices a request's end a little later.
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

/// Returns a chat request that keeps the connection open for another one.
pub fn kept_alive(body: &Value) -> String {
    let body = body.to_string();
    format!(
        "POST {CHAT} HTTP/1.1\r\nHost: x\r\nx-api-key: {INTERNAL}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

pub fn assert_uuid_v4(value: &Value) {
    let id = uuid::Uuid::parse_str(value.as_str().unwrap()).unwrap();
    assert_eq!(id.get_version_num(), 4);
}

/// Returns whether a body is an answer with products.
pub fn is_good(body: &Value) -> bool {
    body["products"]
        .as_array()
        .is_some_and(|list| !list.is_empty())
}
