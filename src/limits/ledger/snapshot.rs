//! A ledger as bytes, a few for each admission.

use super::{Admission, Kind, LATEST, Ledger};
use crate::varint;

/// The kind of an entry in a snapshot.
///
/// An entry is an admission of some kind, or the place of a newcomer whose chat was refunded.
const CHAT: u64 = 0;
const NEWCOMER: u64 = 1;
const RETRY: u64 = 2;
const PLACE_ALONE: u64 = 3;
const KIND_BITS: u32 = 2;

impl Ledger {
    /// Appends the ledger to these bytes, a few for each admission.
    ///
    /// An admission is a varint and the shopper. The varint holds the milliseconds since the
    /// previous admission, and two bits for the kind of entry.
    pub fn write(&self, bytes: &mut Vec<u8>) {
        self.write_until(LATEST, bytes);
    }

    /// Appends the ledger, with every time after `latest` written as `latest`.
    pub(super) fn write_until(&self, latest: u64, bytes: &mut Vec<u8>) {
        let mut previous = 0;
        let mut push = |at: u64, kind: u64, shopper: u32| {
            let at = at.min(latest);
            varint::write((at - previous) << KIND_BITS | kind, bytes);
            bytes.extend(shopper.to_be_bytes());
            previous = at;
        };
        let mut places = self.places_alone.iter().copied().peekable();
        for admission in &self.admissions {
            while let Some(place) = places.next_if(|place| *place <= admission.at) {
                push(place, PLACE_ALONE, 0);
            }
            let kind = match admission.kind {
                Kind::Chat => CHAT,
                Kind::Newcomer => NEWCOMER,
                Kind::Retry => RETRY,
            };
            push(admission.at, kind, admission.shopper);
        }
        for place in places {
            push(place, PLACE_ALONE, 0);
        }
    }

    /// Returns the ledger that wrote these bytes, or `None` if none did.
    pub fn read(mut bytes: &[u8]) -> Option<Self> {
        let mut ledger = Self::default();
        while !bytes.is_empty() {
            let word = varint::read(&mut bytes)?;
            let (shopper, rest) = bytes.split_first_chunk()?;
            bytes = rest;
            let at = ledger.clock.checked_add(word >> KIND_BITS)?;
            if at > LATEST {
                return None;
            }
            ledger.clock = at;
            let kind = match word & PLACE_ALONE {
                CHAT => Kind::Chat,
                NEWCOMER => Kind::Newcomer,
                RETRY => Kind::Retry,
                _ => {
                    ledger.newcomers.push_back(at);
                    ledger.places_alone.push_back(at);
                    continue;
                }
            };
            ledger.record(Admission {
                at,
                shopper: u32::from_be_bytes(*shopper),
                kind,
            });
        }
        Some(ledger)
    }
}
