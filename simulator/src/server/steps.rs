//! The steps of a delivery: pieces, pauses and planned failures.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use crate::contract::answer::Delivery;
use crate::faults::stream;

/// The size of the pieces. It is small, so that the server soon notices a client that leaves.
const PIECE: usize = 16 * 1024;
/// The size of the pieces of a trickle.
const DRIP: usize = 32;
/// The number of whole events before a failure.
const EVENTS: usize = 2;
/// The number of steps for them. Each event is sent, then flushed.
const TWO_EVENTS: usize = 2 * EVENTS;
/// The time for the first half to reach the client before the failure.
const HALF_WAY: Duration = Duration::from_millis(50);

/// A step of a delivery.
pub enum Step {
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

/// Returns the steps for a body that is complete.
pub fn of_body(body: Bytes, delivery: Delivery) -> VecDeque<Step> {
    match delivery {
        Delivery::Trickle(pause) => trickle(body, pause).collect(),
        Delivery::HangAfterHalf => half(body, Step::Hang).collect(),
        Delivery::CutAfterHalf => half(body, Step::Cut).collect(),
        Delivery::ResetAfterHalf => half(body, Step::Reset).collect(),
        Delivery::NothingInChunks => VecDeque::from([Step::Flush]),
        Delivery::Events(pause) => events(&body, pause).collect(),
        Delivery::CutInThirdEvent => {
            let third = stream::events(&body).nth(EVENTS).unwrap_or_default();
            events(&body, Duration::ZERO)
                .take(TWO_EVENTS)
                .chain(broken(third))
                .collect()
        }
        Delivery::HangAfterTwoEvents => events(&body, Duration::ZERO)
            .take(TWO_EVENTS)
            .chain([Step::Hang])
            .collect(),
        Delivery::Whole | Delivery::ResetAtOnce | Delivery::Torn => pieces(body, PIECE).collect(),
    }
}

/// Returns the steps for the next event of a stream that goes on. Events are numbered from 0.
pub fn of_event(event: Bytes, number: usize, delivery: Delivery) -> VecDeque<Step> {
    let whole = |event| VecDeque::from([Step::Send(event), Step::Flush]);
    match delivery {
        Delivery::Trickle(pause) => trickle(event, pause).collect(),
        Delivery::HangAfterHalf => half(event, Step::Hang).collect(),
        // The body has no announced length, so a normal end would look like a whole one.
        Delivery::CutAfterHalf => half(event, Step::Break).collect(),
        Delivery::ResetAfterHalf => half(event, Step::Reset).collect(),
        Delivery::Torn => torn(event).collect(),
        Delivery::CutInThirdEvent if number >= EVENTS => broken(event).into(),
        Delivery::HangAfterTwoEvents if number >= EVENTS => VecDeque::from([Step::Hang]),
        Delivery::Events(pause) if number > 0 && !pause.is_zero() => {
            VecDeque::from([Step::Pause(pause), Step::Send(event), Step::Flush])
        }
        Delivery::Whole
        | Delivery::ResetAtOnce
        | Delivery::NothingInChunks
        | Delivery::Events(_)
        | Delivery::CutInThirdEvent
        | Delivery::HangAfterTwoEvents => whole(event),
    }
}

fn pieces(body: Bytes, size: usize) -> impl Iterator<Item = Step> {
    let mut rest = body;
    std::iter::from_fn(move || {
        let piece = rest.split_to(size.min(rest.len()));
        (!piece.is_empty()).then_some(Step::Send(piece))
    })
}

fn trickle(body: Bytes, pause: Duration) -> impl Iterator<Item = Step> {
    pieces(body, DRIP).flat_map(move |piece| [Step::Pause(pause), piece])
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

fn half(body: Bytes, then: Step) -> impl Iterator<Item = Step> {
    let first = body.slice(..body.len() / 2);
    pieces(first, PIECE).chain([Step::Pause(HALF_WAY), then])
}

/// Returns half of an event, then a broken connection.
fn broken(event: Bytes) -> [Step; 3] {
    let half = event.slice(..event.len() / 2);
    [Step::Send(half), Step::Flush, Step::Break]
}

/// Returns an event in pieces. They end in a line, in a UTF-8 character, and in the event's end.
fn torn(event: Bytes) -> impl Iterator<Item = Step> {
    let in_line = 3.min(event.len());
    let in_character = event
        .iter()
        .position(|byte| !byte.is_ascii())
        .map_or(event.len() / 2, |place| place + 1);
    let in_end = event.len().saturating_sub(1);
    let mut places = [in_line, in_character, in_end];
    places.sort_unstable();
    let mut rest = event;
    let mut sent = 0;
    let mut parts: Vec<Bytes> = places
        .into_iter()
        .map(|place| {
            let part = rest.split_to(place.saturating_sub(sent).min(rest.len()));
            sent = place;
            part
        })
        .collect();
    parts.push(rest);
    parts
        .into_iter()
        .filter(|part| !part.is_empty())
        .flat_map(|part| [Step::Send(part), Step::Flush])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_event_loses_nothing_and_is_cut_inside_a_character() {
        let event = Bytes::from("data: a✨b\n\n");
        let parts: Vec<Bytes> = of_event(event.clone(), 0, Delivery::Torn)
            .into_iter()
            .filter_map(|step| match step {
                Step::Send(part) => Some(part),
                _ => None,
            })
            .collect();
        assert_eq!(parts.concat(), event);
        assert_eq!(parts.len(), 4);
        assert!(parts.iter().any(|part| std::str::from_utf8(part).is_err()));
    }
}
