//! Where a connection may lead. A name is resolved once for each connection, every address that it stands for is judged,
//! and the connection is made to these and no others: a name that means something else a moment later gains nothing by it.
//! RULE: EV-05

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use futures_util::future::BoxFuture;

/// Finds the addresses of a name.
pub(crate) trait LookUp: fmt::Debug + Send + Sync {
    fn look_up<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>>;
}

/// As the system does.
#[derive(Debug)]
pub(crate) struct System;

impl LookUp for System {
    fn look_up<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Why a name leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Nowhere {
    #[error("the name stands for no address")]
    NotResolved,
    #[error("the name stands for an address that is not public")]
    NotPublic,
}

/// Resolves names to addresses that may be called.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    look_up: Arc<dyn LookUp>,
    may_be_called: fn(IpAddr) -> bool,
}

impl Guard {
    pub(crate) fn new(look_up: Arc<dyn LookUp>, may_be_called: fn(IpAddr) -> bool) -> Self {
        Self { look_up, may_be_called }
    }

    /// One address that may not be called spoils the name: no honest one has any.
    async fn resolve(&self, name: &str) -> Result<Vec<IpAddr>, Nowhere> {
        let found = self.look_up.look_up(name).await.map_err(|_| Nowhere::NotResolved)?;
        if found.is_empty() {
            return Err(Nowhere::NotResolved);
        }
        if !found.iter().copied().all(self.may_be_called) {
            return Err(Nowhere::NotPublic);
        }
        Ok(found)
    }
}

impl ResolveDns for Guard {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move { self.resolve(name).await.map_err(ResolveDnsError::new) })
    }
}
