//! The choice of the fault that a request meets.

use hyper::StatusCode;
use hyper::header::HeaderMap;
use serde_json::Value;

use crate::contract::answer::Answer;
use crate::contract::assistant::Assistant;
use crate::contract::note::Note;
use crate::contract::point::FaultPoint;
use crate::faults::named::{self, Named};
use crate::faults::orders::Order;
use crate::faults::sabotage::{self, Victim};
use crate::faults::switch::Target;
use crate::lock::lock;
use crate::server::app::Control;
use crate::server::record::Ticket;

/// A request that its contract accepts, and that a fault may strike.
pub struct Encounter<'a> {
    /// `None` in a run without faults.
    pub control: Option<&'a Control>,
    /// The address of this port.
    pub url: &'a str,
    pub headers: &'a HeaderMap,
    pub assistant: Assistant,
    pub endpoint: &'static str,
    pub note: &'a Note,
    pub ticket: Option<&'a Ticket>,
}

impl Encounter<'_> {
    /// Returns the fault. The request's own hint takes precedence over the orders for many.
    fn fault(&self) -> Result<Option<Named>, String> {
        let Some(control) = self.control else {
            return Ok(None);
        };
        let session = self.note.conversation.as_deref();
        match &self.note.hint {
            Some(Value::String(text)) => {
                let order: Order = text.parse()?;
                Ok(Some(lock(&control.turns).next(&order, session)))
            }
            Some(other) => Err(named::unknown(&other.to_string())),
            None => Ok(control.switch.take(&Target {
                assistant: self.assistant,
                endpoint: self.endpoint,
                text: self.note.text.as_deref(),
                session,
            })),
        }
    }
}

impl FaultPoint for Encounter<'_> {
    async fn pass(self, good: impl Future<Output = Answer>) -> Answer {
        match self.fault() {
            Ok(None) => good.await,
            Ok(Some(named)) => {
                if let Some(ticket) = self.ticket {
                    ticket.fault(&named.name);
                }
                let victim = Victim {
                    assistant: self.assistant,
                    headers: self.headers,
                    url: self.url,
                };
                sabotage::apply(named.fault, victim, good).await
            }
            Err(reason) => Answer::text(StatusCode::BAD_REQUEST, reason),
        }
    }
}
