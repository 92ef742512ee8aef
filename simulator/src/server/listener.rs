//! The HTTP/1.1 listener. Each connection has its own task.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use crate::server::app::App;
use crate::server::options::Options;
use crate::server::route;

/// The most bytes of an answer that wait in memory for a slow client.
const BUFFER: usize = 64 * 1024;

/// A simulator that has taken its port and is ready to serve.
pub struct Simulator {
    listener: TcpListener,
    app: Arc<App>,
}

impl Simulator {
    /// Binds the port. From then on the operating system accepts connections.
    pub async fn bind(options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind((options.host, options.port)).await?;
        let url = url(listener.local_addr()?);
        Ok(Self {
            listener,
            app: Arc::new(App::new(options, url)?),
        })
    }

    /// Its address, such as `http://127.0.0.1:8790`.
    pub fn url(&self) -> &str {
        &self.app.url
    }

    /// Serves until dropped.
    pub async fn serve(self) {
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    tokio::spawn(connection(stream, Arc::clone(&self.app)));
                }
                // Probably no file descriptor is left. Some become free as connections end.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }
}

/// Returns the URL of a listener. For a listener on all addresses, it has the loopback address.
fn url(address: SocketAddr) -> String {
    let mut address = address;
    if address.ip().is_unspecified() {
        address.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    format!("http://{address}")
}

async fn connection(stream: TcpStream, app: Arc<App>) {
    let _ = stream.set_nodelay(true);
    let reset = Arc::new(AtomicBool::new(false));
    let service = service_fn(|request| {
        let app = Arc::clone(&app);
        let reset = Arc::clone(&reset);
        async move { route::respond(&app, request, reset).await }
    });
    let mut connection = http1::Builder::new()
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(stream), service);
    // An error here means that the client left, or that a fault was requested.
    let _ = (&mut connection).await;
    if reset.load(Ordering::Relaxed) {
        // With a zero linger time, the close that follows is a reset.
        let _ = connection.into_parts().io.inner().set_zero_linger();
    }
}
