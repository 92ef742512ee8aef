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
use tokio::task::JoinSet;

use crate::contract::assistant::Assistant;
use crate::server::app::App;
use crate::server::options::{Options, Serve};
use crate::server::route;
use crate::server::site::{Mount, Site};

/// The most bytes of an answer that wait in memory for a slow client.
const BUFFER: usize = 64 * 1024;

/// A simulator that has taken its ports and is ready to serve.
pub struct Simulator {
    listeners: Vec<(TcpListener, Arc<Site>)>,
    app: Arc<App>,
}

impl Simulator {
    /// Binds the ports. From then on the operating system accepts connections.
    pub async fn bind(options: Options) -> io::Result<Self> {
        let assistants = options.assistants();
        let mounts = match options.serve {
            Serve::All => vec![(Mount::Paths, options.port)],
            Serve::One(_) | Serve::Each(_) => assistants
                .into_iter()
                .map(|(assistant, port)| (Mount::Root(assistant), port))
                .collect(),
        };
        let mut listeners = Vec::new();
        for (mount, port) in mounts {
            let place = SocketAddr::new(options.host, port);
            let listener = TcpListener::bind(place)
                .await
                .map_err(|error| io::Error::other(format!("cannot listen on {place}: {error}")))?;
            let url = url(listener.local_addr()?);
            listeners.push((listener, Arc::new(Site { url, mount })));
        }
        Ok(Self {
            listeners,
            app: Arc::new(App::new(&options)?),
        })
    }

    /// Its addresses, such as `http://127.0.0.1:8790`, each with the assistant at its root.
    pub fn sites(&self) -> impl Iterator<Item = (&str, Option<Assistant>)> {
        self.listeners.iter().map(|(_, site)| {
            let assistant = match site.mount {
                Mount::Root(assistant) => Some(assistant),
                Mount::Paths => None,
            };
            (site.url.as_str(), assistant)
        })
    }

    /// Serves until dropped.
    pub async fn serve(self) {
        let mut ports = JoinSet::new();
        for (listener, site) in self.listeners {
            ports.spawn(accept(listener, Arc::clone(&self.app), site));
        }
        ports.join_all().await;
    }
}

/// Serves one port for ever.
async fn accept(listener: TcpListener, app: Arc<App>, site: Arc<Site>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(connection(stream, Arc::clone(&app), Arc::clone(&site)));
            }
            // Probably no file descriptor is left. Some become free as connections end.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
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

async fn connection(stream: TcpStream, app: Arc<App>, site: Arc<Site>) {
    let _ = stream.set_nodelay(true);
    let reset = Arc::new(AtomicBool::new(false));
    let service = service_fn(|request| {
        let app = Arc::clone(&app);
        let site = Arc::clone(&site);
        let reset = Arc::clone(&reset);
        async move { route::respond(&app, &site, request, reset).await }
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
