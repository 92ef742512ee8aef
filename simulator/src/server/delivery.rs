//! The body of an answer on its way out. It follows the steps of a delivery.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame};
use tokio::time::{Sleep, sleep};

use crate::contract::answer::{Answer, Delivery};
use crate::contract::live::Live;
use crate::server::record::{End, Ticket};
use crate::server::steps::{Step, of_body, of_event};

/// A body that follows a plan. It does not give hyper its length, because the header does.
pub struct Outgoing {
    steps: VecDeque<Step>,
    /// The events that follow the steps, and how many there were.
    live: Option<(Live, usize)>,
    delivery: Delivery,
    pause: Option<Pin<Box<Sleep>>>,
    reset: Arc<AtomicBool>,
    ticket: Option<Ticket>,
}

impl Outgoing {
    pub fn new(answer: Answer, reset: Arc<AtomicBool>, ticket: Option<Ticket>) -> Self {
        let steps = match answer.live {
            None => of_body(answer.body, answer.delivery),
            // Each event has steps of its own.
            Some(_) => VecDeque::new(),
        };
        Self {
            steps,
            live: answer.live.map(|live| (live, 0)),
            delivery: answer.delivery,
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

    /// Plans the steps of the next event, if there may be one.
    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if let Some((live, number)) = &mut self.live {
            match live.poll_next(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => self.live = None,
                Poll::Ready(Some(event)) => {
                    self.steps = of_event(event, *number, self.delivery);
                    *number += 1;
                }
            }
        }
        Poll::Ready(())
    }
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
            if self.steps.is_empty() && self.live.is_some() {
                if self.poll_event(context).is_pending() {
                    return Poll::Pending;
                }
                continue;
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
        self.steps.is_empty() && self.pause.is_none() && self.live.is_none()
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
    use std::time::Duration;

    use hyper::StatusCode;

    /// Polls a body repeatedly without letting time pass. Returns what each poll gives.
    fn polls(delivery: Delivery, count: usize) -> Vec<String> {
        let body = Bytes::from_static(b"1\n\n22\n\n3333\n\n4\n\n");
        let answer = Answer::text(StatusCode::OK, body).delivered(delivery);
        let mut outgoing = Outgoing::new(answer, Arc::default(), None);
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
