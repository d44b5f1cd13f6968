//! What is still under way, so that one can wait until all is quiet.

use std::time::Duration;

use tokio::sync::watch;

/// Counts what is under way. Whoever adds follow-up work adds it before the work that led to it is done, so that
/// the count is zero only when everything is settled.
pub(crate) struct Work {
    requests: watch::Sender<usize>,
    deliveries: watch::Sender<usize>,
    held_back: watch::Sender<usize>,
    batches: watch::Sender<usize>,
    stopping: watch::Sender<bool>,
}

/// A request or a batch under way; it ends when this is dropped.
pub(crate) struct Running<'a>(&'a watch::Sender<usize>);

impl<'a> Running<'a> {
    fn begin(counter: &'a watch::Sender<usize>) -> Self {
        counter.send_modify(|count| *count += 1);
        Self(counter)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}

impl Work {
    /// Begins with what an earlier run left to deliver.
    pub(crate) fn new(deliveries: usize) -> Self {
        Self {
            requests: watch::Sender::new(0),
            deliveries: watch::Sender::new(deliveries),
            held_back: watch::Sender::new(0),
            batches: watch::Sender::new(0),
            stopping: watch::Sender::new(false),
        }
    }

    /// A request begins.
    pub(crate) fn request(&self) -> Running<'_> {
        Running::begin(&self.requests)
    }

    /// A batch goes to a function that a stream or a queue feeds.
    pub(crate) fn batch(&self) -> Running<'_> {
        Running::begin(&self.batches)
    }

    /// Lets no further batch begin, and waits for those under way.
    pub(crate) async fn stop_batches(&self) {
        self.stopping.send_replace(true);
        self.no_batch().await;
    }

    /// Waits until no batch is under way.
    pub(crate) async fn no_batch(&self) {
        let _ = self.batches.subscribe().wait_for(|count| *count == 0).await;
    }

    /// Whether no further batch is to begin.
    pub(crate) fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Waits until no further batch is to begin.
    pub(crate) async fn stopping(&self) {
        let _ = self.stopping.subscribe().wait_for(|stopping| *stopping).await;
    }

    /// Changes or messages are to be delivered.
    pub(crate) fn add(&self, count: usize) {
        self.deliveries.send_modify(|all| *all += count);
    }

    /// Changes or messages were delivered, or given up; each once, or all is called quiet too early.
    pub(crate) fn done(&self, count: usize) {
        self.deliveries.send_modify(|all| {
            debug_assert!(*all >= count, "{count} of {all} deliveries are done");
            *all = all.saturating_sub(count);
        });
    }

    /// So many of them wait for the clock.
    pub(crate) fn held_back(&self, count: usize) {
        self.held_back.send_replace(count);
    }

    fn is_delivered(&self) -> bool {
        *self.deliveries.borrow() <= *self.held_back.borrow()
    }

    /// Waits until no event, message or mail is under way; what waits for the clock is not.
    pub(crate) async fn delivered(&self) {
        let (mut deliveries, mut held_back) = (self.deliveries.subscribe(), self.held_back.subscribe());
        while !self.is_delivered() {
            // The senders live in `self`, so waiting cannot fail.
            tokio::select! {
                _ = deliveries.changed() => {}
                _ = held_back.changed() => {}
            }
        }
    }

    /// Waits until nothing at all is under way.
    pub(crate) async fn settled(&self) {
        loop {
            let _ = self.requests.subscribe().wait_for(|count| *count == 0).await;
            self.delivered().await;
            if *self.requests.borrow() == 0 && self.is_delivered() {
                return;
            }
        }
    }

    /// Like [`Self::delivered`], but no longer than `limit`.
    pub(crate) async fn delivered_within(&self, limit: Duration) {
        let _ = tokio::time::timeout(limit, self.delivered()).await;
    }
}
