//! The body of an answer on its way out: pieces, pauses and planned accidents.

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

use crate::answer::Delivery;
use crate::record::Ticket;

/// Small enough that a client which leaves is noticed before all is handed over.
const PIECE: usize = 16 * 1024;
/// The size of the pieces of a trickle.
const DRIP: usize = 32;
/// The time in which the first half reaches the client before the accident.
const HALF_WAY: Duration = Duration::from_millis(50);

enum Step {
    Send(Bytes),
    Pause(Duration),
    Hang,
    Cut,
    Reset,
}

/// A body that follows a plan. It does not tell its length, which the header announces.
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
            Delivery::Whole | Delivery::ResetAtOnce => pieces(body, PIECE).collect(),
        };
        Self {
            steps,
            pause: None,
            reset,
            ticket,
        }
    }

    fn complete(&mut self) {
        if let Some(ticket) = &mut self.ticket {
            ticket.complete();
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
                Some(Step::Pause(time)) => self.pause = Some(Box::pin(sleep(time))),
                Some(Step::Hang) => {
                    // Nobody wakes this body again: only the client can end it, by leaving.
                    self.steps.push_front(Step::Hang);
                    return Poll::Pending;
                }
                Some(Step::Reset) => {
                    self.reset.store(true, Ordering::Relaxed);
                    self.complete();
                    return Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into())));
                }
                // The announced length is not reached, so that hyper closes the connection.
                Some(Step::Cut) | None => {
                    self.complete();
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
        // hyper does not ask again once a body has said that it is at its end.
        if self.is_end_stream() {
            self.complete();
        }
    }
}
