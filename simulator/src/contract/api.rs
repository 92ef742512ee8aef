//! The running APIs: each assistant with its state.

use serde_json::{Value, json};

use crate::contract::answer::Answer;
use crate::contract::assistant::Assistant;
use crate::contract::homie::api::Homie;
use crate::contract::omi::api::Omi;
use crate::contract::omniops::api::Omniops;
use crate::contract::point::FaultPoint;
use crate::contract::request::Request;
use crate::contract::rewardsbot::api::RewardsBot;
use crate::contract::sales_associate::api::SalesAssociate;
use crate::contract::sales_associate::keys::Keys;
use crate::contract::shop::Shop;
use crate::contract::switches::Changes;

/// A running API.
pub enum Api {
    SalesAssociate(SalesAssociate),
    Homie(Homie),
    RewardsBot(RewardsBot),
    Omniops(Omniops),
    Omi(Omi),
}

impl Api {
    /// Starts an API. Returns the reason if one of the switches is wrong.
    ///
    /// The keys are those of the Sales Associate. Other assistants have theirs as a switch.
    pub fn new(assistant: Assistant, keys: &Keys, changes: &Changes) -> Result<Self, String> {
        Ok(match assistant {
            Assistant::SalesAssociate if changes.is_empty() => {
                Self::SalesAssociate(SalesAssociate::new(keys.clone()))
            }
            Assistant::SalesAssociate => return Err(no_switches()),
            Assistant::Homie => Self::Homie(Homie::new(changes)?),
            Assistant::RewardsBot => Self::RewardsBot(RewardsBot::new(changes)?),
            Assistant::Omniops => Self::Omniops(Omniops::new(changes)?),
            Assistant::Omi => Self::Omi(Omi::new(changes)?),
        })
    }

    pub fn assistant(&self) -> Assistant {
        match self {
            Self::SalesAssociate(_) => Assistant::SalesAssociate,
            Self::Homie(_) => Assistant::Homie,
            Self::RewardsBot(_) => Assistant::RewardsBot,
            Self::Omniops(_) => Assistant::Omniops,
            Self::Omi(_) => Assistant::Omi,
        }
    }

    /// Answers a request to one of the endpoints. A fault may strike if the request is accepted.
    pub async fn answer(
        &self,
        shop: Shop<'_>,
        request: &Request<'_>,
        faults: impl FaultPoint,
    ) -> Answer {
        match self {
            Self::SalesAssociate(api) => api.answer(shop, request, faults).await,
            Self::Homie(api) => api.answer(shop, request, faults).await,
            Self::RewardsBot(api) => api.answer(shop, request, faults).await,
            Self::Omniops(api) => api.answer(shop, request, faults).await,
            Self::Omi(api) => api.answer(shop, request, faults).await,
        }
    }

    /// Changes switches, or none if one of the changes is wrong.
    pub fn switch(&self, changes: &Changes) -> Result<(), String> {
        match self {
            Self::SalesAssociate(_) => Err(no_switches()),
            Self::Homie(api) => api.switches.set(changes),
            Self::RewardsBot(api) => api.switches.set(changes),
            Self::Omniops(api) => api.switches.set(changes),
            Self::Omi(api) => api.switches.set(changes),
        }
    }

    /// Returns the switches in force.
    pub fn switches(&self) -> Value {
        match self {
            Self::SalesAssociate(_) => json!({}),
            Self::Homie(api) => api.switches.to_json(),
            Self::RewardsBot(api) => api.switches.to_json(),
            Self::Omniops(api) => api.switches.to_json(),
            Self::Omi(api) => api.switches.to_json(),
        }
    }

    /// Returns what the API remembers, for a test.
    pub fn state(&self) -> Value {
        match self {
            Self::SalesAssociate(_) => json!({}),
            Self::Homie(api) => api.state(),
            Self::RewardsBot(api) => api.state(),
            Self::Omniops(api) => api.state(),
            Self::Omi(api) => api.state(),
        }
    }

    /// Forgets everything, and puts the switches back to those of the start.
    pub fn reset(&self) {
        match self {
            Self::SalesAssociate(api) => api.reset(),
            Self::Homie(api) => api.reset(),
            Self::RewardsBot(api) => api.reset(),
            Self::Omniops(api) => api.reset(),
            Self::Omi(api) => api.reset(),
        }
    }
}

fn no_switches() -> String {
    format!("{} has no switches", Assistant::SalesAssociate)
}
