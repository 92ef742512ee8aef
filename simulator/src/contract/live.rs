//! The events of an answer that goes on while other requests are answered.

use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::sync::mpsc::UnboundedReceiver;

/// A change that a fault makes to each event.
pub type Edit = Box<dyn FnMut(Bytes) -> Bytes + Send>;

/// The events that are still to come. They end when the sender is dropped.
pub struct Live {
    events: UnboundedReceiver<Bytes>,
    edit: Option<Edit>,
}

impl Live {
    pub fn new(events: UnboundedReceiver<Bytes>) -> Self {
        Self { events, edit: None }
    }

    /// Has each event changed before it is sent.
    pub fn edited(mut self, edit: Edit) -> Self {
        self.edit = Some(edit);
        self
    }

    /// Returns the next whole event. `None` is the end.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.events.poll_recv(context).map(|event| {
            let event = event?;
            Some(match &mut self.edit {
                Some(edit) => edit(event),
                None => event,
            })
        })
    }
}
