//! What the merchant asks of a running worker, and who may ask.

use base64ct::{Base64UrlUnpadded, Encoding};

use crate::contract::body::Body;
use crate::json::Value;
use crate::keys::{self, LOG_HASH_BYTES};
use crate::limits::Tier;
use crate::network::LimiterName;
use crate::refusal::{InvalidField, Refusal};
use crate::secret::Secret;
use crate::token;
use crate::usage::{Budget, Refused};

/// A path of the merchant's own requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdminRoute {
    /// What was counted.
    Usage,
    /// Who is held by a limit.
    Blocks,
    /// What was counted, for Prometheus.
    Metrics,
    /// Take off what holds somebody.
    Lift,
}

/// What is to be lifted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lift {
    /// What refused this request.
    Request([u8; 16]),
    /// The admissions of one budget.
    Named(Hold),
}

/// A budget of a shopper or of a network, as log lines name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// The limiter that counts.
    pub limiter: LimiterName,
    /// The shopper's name. It matters only to a shopper's own budget.
    pub shopper: [u8; LOG_HASH_BYTES],
    /// Whose budget.
    pub tier: Tier,
}

impl AdminRoute {
    const ALL: [Self; 4] = [Self::Usage, Self::Blocks, Self::Metrics, Self::Lift];

    /// Returns the route with this path, or `None` if there is none.
    pub fn of(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|route| route.path() == path)
    }

    const fn path(self) -> &'static str {
        match self {
            Self::Usage => "/admin/usage",
            Self::Blocks => "/admin/blocks",
            Self::Metrics => "/metrics",
            Self::Lift => "/admin/lift",
        }
    }

    /// Returns the method of its requests.
    pub const fn method(self) -> &'static str {
        match self {
            Self::Usage | Self::Blocks | Self::Metrics => "GET",
            Self::Lift => "POST",
        }
    }

    /// Returns the name that log lines use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Blocks => "blocks",
            Self::Metrics => "metrics",
            Self::Lift => "lift",
        }
    }
}

/// Returns whether an `Authorization` header has the admin token (RFC 6750, section 2.1).
///
/// The comparison takes constant time.
pub fn is_authorized(authorization: &str, token: &Secret) -> bool {
    token::bearer(authorization)
        .is_some_and(|sent| keys::same(sent.as_bytes(), token.expose().as_bytes()))
}

/// Returns the bytes of a request's id, or `None` if this is none of ours.
pub fn request_id(text: &str) -> Option<[u8; 16]> {
    uuid::Uuid::try_parse(text).ok().map(uuid::Uuid::into_bytes)
}

impl Lift {
    /// Reads what is to be lifted from a body.
    ///
    /// # Errors
    ///
    /// Returns the first rule that the body breaks.
    pub fn read(body: &[u8]) -> Result<Self, Refusal> {
        let body = Body::read(body)?;
        if let Some(id) = body.field("request_id") {
            let id = id.text().and_then(|id| request_id(&id));
            return id
                .map(Self::Request)
                .ok_or(Refusal::InvalidField(InvalidField::RequestId));
        }
        Hold::read(&body)
            .map(Self::Named)
            .ok_or(Refusal::InvalidField(InvalidField::Lift))
    }
}

impl Hold {
    /// Returns what refused a request, or `None` if it is the assistant's to lift.
    pub fn of(refused: &Refused) -> Option<Self> {
        Some(Self {
            limiter: refused.limiter,
            shopper: refused.shopper,
            tier: refused.budget.tier()?,
        })
    }

    fn read(body: &Body<'_>) -> Option<Self> {
        let limiter = body.field("limiter").and_then(Value::text)?;
        let tier = match body.field("budget").map(Value::text) {
            None => Tier::Shopper,
            Some(name) => Budget::named(&name?)?.tier()?,
        };
        let shopper = body.field("shopper").map(Value::text);
        let shopper = match shopper {
            None if tier != Tier::Shopper => [0; LOG_HASH_BYTES],
            name => Base64UrlUnpadded::decode_vec(&name??)
                .ok()?
                .try_into()
                .ok()?,
        };
        Some(Self {
            limiter: LimiterName::named(&limiter)?,
            shopper,
            tier,
        })
    }

    /// Returns the shopper's name as log lines have it, if the budget is a shopper's own.
    pub fn shopper_name(&self) -> Option<String> {
        (self.tier == Tier::Shopper).then(|| Base64UrlUnpadded::encode_string(&self.shopper))
    }
}
