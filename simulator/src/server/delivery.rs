//! The delivery of an answer's body: pieces, pauses and planned failures.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame};
use tokio::time::{Sleep, sleep};

use crate::contract::answer::Delivery;
use crate::faults::stream;
use crate::server::record::{End, Ticket};

/// The size of the pieces. It is small, so that the server soon notices a client that leaves.
const PIECE: usize = 16 * 1024;
/// The size of the pieces of a trickle.
const DRIP: usize = 32;
/// The number of steps for two events. Each event is sent, then flushed.
const TWO_EVENTS: usize = 4;
/// The time for the first half to reach the client before the failure.
const HALF_WAY: Duration = Duration::from_millis(50);

enum Step {
    Send(Bytes),
    /// Flushes the data that was sent before more follows.
    Flush,
    Pause(Duration),
    Hang,
    /// A normal end before the announced length is reached.
    Cut,
    /// An error in the middle of the body.
    Break,
    Reset,
}

/// A body that follows a plan. It does not give hyper its length, because the header does.
pub struct Outgoing {
    steps: VecDeque<Step>,
    pause: Option<Pin<Box<Sleep>>>,
    reset: Arc<AtomicBool>,
    ticket: Option<Ticket>,
}

impl Outgoing {
    pub fn new(
        body: Bytes,
        delivery: Delivery,
        reset: Arc<AtomicBool>,
        ticket: Option<Ticket>,
    ) -> Self {
        let steps = match delivery {
            Delivery::Trickle(pause) => pieces(body, DRIP)
                .flat_map(|piece| [Step::Pause(pause), piece])
                .collect(),
            Delivery::HangAfterHalf => half(body, Step::Hang),
            Delivery::CutAfterHalf => half(body, Step::Cut),
            Delivery::ResetAfterHalf => half(body, Step::Reset),
            Delivery::NothingInChunks => VecDeque::from([Step::Flush]),
            Delivery::Events(pause) => events(&body, pause).collect(),
            Delivery::CutInThirdEvent => {
                let third = stream::events(&body).nth(2).unwrap_or_default();
                let half = third.slice(..third.len() / 2);
                events(&body, Duration::ZERO)
                    .take(TWO_EVENTS)
                    .chain([Step::Send(half), Step::Flush, Step::Break])
                    .collect()
            }
            Delivery::HangAfterTwoEvents => events(&body, Duration::ZERO)
                .take(TWO_EVENTS)
                .chain([Step::Hang])
                .collect(),
            Delivery::Whole | Delivery::ResetAtOnce => pieces(body, PIECE).collect(),
        };
        Self {
            steps,
            pause: None,
            reset,
            ticket,
        }
    }

    /// Completes the entry in the record, once.
    fn end(&mut self, end: End) {
        if let Some(mut ticket) = self.ticket.take() {
            ticket.end(end);
        }
    }
}

fn pieces(body: Bytes, size: usize) -> impl Iterator<Item = Step> {
    let mut rest = body;
    std::iter::from_fn(move || {
        let piece = rest.split_to(size.min(rest.len()));
        (!piece.is_empty()).then_some(Step::Send(piece))
    })
}

/// Returns a step for each event, with a flush or a pause after every event but the last.
fn events(body: &Bytes, pause: Duration) -> impl Iterator<Item = Step> {
    let mut events = stream::events(body).peekable();
    std::iter::from_fn(move || {
        let event = events.next()?;
        let then = match (events.peek(), pause) {
            (None, _) => None,
            (Some(_), Duration::ZERO) => Some(Step::Flush),
            (Some(_), pause) => Some(Step::Pause(pause)),
        };
        Some(std::iter::once(Step::Send(event)).chain(then))
    })
    .flatten()
}

fn half(body: Bytes, then: Step) -> VecDeque<Step> {
    let first = body.slice(..body.len() / 2);
    pieces(first, PIECE)
        .chain([Step::Pause(HALF_WAY), then])
        .collect()
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        loop {
            if let Some(pause) = &mut self.pause {
                if pause.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
                self.pause = None;
            }
            match self.steps.pop_front() {
                Some(Step::Send(piece)) => return Poll::Ready(Some(Ok(Frame::data(piece)))),
                Some(Step::Flush) => {
                    // hyper flushes when a body is pending.
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Some(Step::Pause(time)) => self.pause = Some(Box::pin(sleep(time))),
                Some(Step::Hang) => {
                    // Nothing wakes this body again, so it ends when the client leaves.
                    self.steps.push_front(Step::Hang);
                    return Poll::Pending;
                }
                Some(Step::Reset) => {
                    self.reset.store(true, Ordering::Relaxed);
                    self.end(End::Broken);
                    return Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into())));
                }
                Some(Step::Break) => {
                    self.end(End::Broken);
                    return Poll::Ready(Some(Err(io::ErrorKind::BrokenPipe.into())));
                }
                // The announced length is not reached, so hyper closes the connection.
                Some(Step::Cut) => {
                    self.end(End::Broken);
                    return Poll::Ready(None);
                }
                None => {
                    self.end(End::Whole);
                    return Poll::Ready(None);
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.steps.is_empty() && self.pause.is_none()
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        // hyper does not poll again after `is_end_stream`.
        if self.is_end_stream() {
            self.end(End::Whole);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::task::Waker;

    /// Polls a body repeatedly without letting time pass. Returns what each poll gives.
    fn polls(delivery: Delivery, count: usize) -> Vec<String> {
        let body = Bytes::from_static(b"1\n\n22\n\n3333\n\n4\n\n");
        let mut outgoing = Outgoing::new(body, delivery, Arc::default(), None);
        let mut context = Context::from_waker(Waker::noop());
        let mut poll = || match Pin::new(&mut outgoing).poll_frame(&mut context) {
            Poll::Pending => "wait".to_owned(),
            Poll::Ready(None) => "end".to_owned(),
            Poll::Ready(Some(Err(_))) => "break".to_owned(),
            Poll::Ready(Some(Ok(frame))) => {
                let data = frame.into_data().unwrap();
                String::from_utf8_lossy(&data).trim_end().to_owned()
            }
        };
        std::iter::repeat_with(&mut poll).take(count).collect()
    }

    #[test]
    fn every_event_goes_out_before_the_next_one() {
        assert_eq!(
            polls(Delivery::Events(Duration::ZERO), 8),
            ["1", "wait", "22", "wait", "3333", "wait", "4", "end"]
        );
        assert_eq!(
            polls(Delivery::HangAfterTwoEvents, 7),
            ["1", "wait", "22", "wait", "wait", "wait", "wait"]
        );
        assert_eq!(
            polls(Delivery::CutInThirdEvent, 7),
            ["1", "wait", "22", "wait", "333", "wait", "break"]
        );
    }
}
