//! Listeners on loopback.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::StackError;

/// How long open connections may take to end.
const STOP_LONGEST: Duration = Duration::from_secs(5);

/// A listener at work.
pub(crate) struct Server {
    pub(crate) task: JoinHandle<()>,
    stop: watch::Sender<bool>,
}

impl Server {
    /// Serves what comes, until it is stopped.
    pub(crate) fn start(listener: TcpListener, router: Router) -> Self {
        let (stop, mut stopped) = watch::channel(false);
        let task = tokio::spawn(async move {
            let stopped = async move { drop(stopped.wait_for(|stop| *stop).await) };
            let service = router.into_make_service_with_connect_info::<SocketAddr>();
            if let Err(error) = axum::serve(listener, service).with_graceful_shutdown(stopped).await {
                eprintln!("a listener stopped: {error}");
            }
        });
        Self { task, stop }
    }

    /// Takes no more connections and ends those it has once they are answered.
    pub(crate) async fn stop(&mut self) {
        self.stop.send_replace(true);
        if tokio::time::timeout(STOP_LONGEST, &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}

/// Binds loopback only: there is no password on the stack's own paths.
pub(crate) async fn listen(port: u16) -> Result<TcpListener, StackError> {
    TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await.map_err(|error| {
        StackError::Io(std::io::Error::new(
            error.kind(),
            format!("port {port}: {error}; --port takes another"),
        ))
    })
}
