//! Functions that whoever runs the product invokes by hand. No route, rule or queue leads to them: who may invoke them is
//! said by the permissions of the AWS account alone.

use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Instant as Stopwatch;

use futures_util::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::record::{Record, chain};
use crate::{Env, Fault, Function, Handler, Host, Settled, StartError};

/// Something that is done by hand. Its input is the event.
pub trait ByHand: DeserializeOwned + Send + Sync + 'static {
    /// The name of its function.
    const NAME: &'static str;
    /// What it answers.
    type Reply: Serialize + Send;

    /// Does it; what is wrong with the input is told as a fault, which is what the caller gets to see.
    fn run(self, env: &Env) -> impl Future<Output = Result<(Self::Reply, Settled), Fault>> + Send;
}

/// The function of it.
pub const fn by_hand<H: ByHand>() -> Function {
    Function::of_events(H::NAME, start::<H>)
}

struct HandHandler<H> {
    env: Env,
    hand: PhantomData<fn() -> H>,
}

fn start<H: ByHand>(host: &Host) -> Result<Arc<dyn Handler>, StartError> {
    Ok(Arc::new(HandHandler::<H> { env: Env::new(H::NAME, host, &[])?, hand: PhantomData }))
}

impl<H: ByHand> Handler for HandHandler<H> {
    fn call(&self, event: Value) -> BoxFuture<'_, Result<Value, Fault>> {
        Box::pin(async move {
            let request_id = format!("hand-{:016x}", getrandom::u64()?);
            crate::REQUEST_ID.scope(request_id.clone(), self.run(event, request_id)).await
        })
    }
}

impl<H: ByHand> HandHandler<H> {
    async fn run(&self, event: Value, request_id: String) -> Result<Value, Fault> {
        let stopwatch = Stopwatch::now();
        let mut record = Record::new(request_id, "by hand".into());
        let done = match serde_json::from_value::<H>(event) {
            Ok(hand) => hand.run(&self.env).await,
            Err(error) => Err(error.into()),
        };
        let told = match done {
            Ok((reply, settled)) => {
                record.settled(settled);
                Ok(serde_json::to_value(reply)?)
            }
            Err(error) => {
                record.failed(chain(error.as_ref()));
                Err(error)
            }
        };
        record.duration_ms = stopwatch.elapsed().as_millis();
        record.write(&self.env);
        told
    }
}
