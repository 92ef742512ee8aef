//! Whom our own limits stop, and which request was stopped by what.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::Serialize;
use uuid::Uuid;

use super::day::Day;
use super::recent::{Bounds, Recent, Refused};
use crate::limits::Window;

/// The most blocks of a list.
pub const MAX_BLOCKS: usize = 100;

#[derive(Serialize)]
struct Blocks {
    blocks: Vec<Block>,
}

#[derive(Serialize)]
struct Block {
    limiter: String,
    shopper: String,
    budget: &'static str,
    window: Option<&'static str>,
    limit: u32,
    request_id: String,
    at: u64,
    frees_in_s: u64,
}

/// Returns the refusals that still hold as JSON, one for each spent budget, the newest first.
///
/// With a request's id, returns the refusal of this request whether or not it still holds, or `None`
/// if it is not known. The days are what [`Keeper::read`](super::Keeper::read) returned in the objects of
/// [`Range::Day`](super::Range::Day).
pub fn blocks(days: &[Vec<u8>], request_id: Option<[u8; 16]>, now: u64) -> Option<String> {
    let all = refusals(days);
    let lifts: Vec<&Refused> = all.iter().filter(|refused| refused.is_lift()).collect();
    let frees_in_s = |refused: &Refused| {
        let is_lifted = lifts.iter().any(|lift| lift.frees(refused));
        if is_lifted {
            0
        } else {
            refused.frees_in_s(now)
        }
    };
    let shown = match request_id {
        Some(request_id) => vec![refusal_of(&all, request_id)?],
        None => holding(&all, frees_in_s),
    };
    let blocks = shown.into_iter().map(|refused| Block {
        limiter: refused.limiter.name(),
        shopper: Base64UrlUnpadded::encode_string(&refused.shopper),
        budget: refused.budget.name(),
        window: refused.window.map(Window::name),
        limit: refused.limit,
        request_id: Uuid::from_bytes(refused.request_id).to_string(),
        at: refused.at / 1_000,
        frees_in_s: frees_in_s(refused),
    });
    let blocks = Blocks {
        blocks: blocks.collect(),
    };
    // Strings and numbers always serialise.
    Some(serde_json::to_string(&blocks).unwrap_or_default())
}

/// Returns the refusal of the request with this id, or `None` if it is not known.
pub fn find(days: &[Vec<u8>], request_id: [u8; 16]) -> Option<Refused> {
    refusal_of(&refusals(days), request_id).copied()
}

fn refusal_of(all: &[Refused], request_id: [u8; 16]) -> Option<&Refused> {
    all.iter()
        .find(|refused| refused.request_id == request_id && !refused.is_lift())
}

/// Returns the newest refusal that still holds, of each budget.
fn holding(all: &[Refused], frees_in_s: impl Fn(&Refused) -> u64) -> Vec<&Refused> {
    let mut holding: Vec<&Refused> = Vec::new();
    for refused in all {
        let is_known = holding.iter().any(|other| other.is_same_budget(refused));
        if holding.len() < MAX_BLOCKS && !is_known && frees_in_s(refused) > 0 {
            holding.push(refused);
        }
    }
    holding
}

/// Returns the refusals of all days, the newest first.
fn refusals(days: &[Vec<u8>]) -> Vec<Refused> {
    let mut all = Recent::default();
    for day in days.iter().filter_map(|bytes| Day::read(bytes)) {
        all.merge(&day.recent, Bounds::NONE);
    }
    all.refusals.reverse();
    all.refusals
}
