//! The assistants, and the parts of each contract that need no state.
//!
//! Omi is no assistant, but an API that is played in the same way.

use std::fmt;
use std::str::FromStr;

use hyper::Method;

use crate::contract::answer::Answer;
use crate::contract::fields::Fields;
use crate::contract::homie::errors as homie_errors;
use crate::contract::homie::routes as homie_routes;
use crate::contract::homie::settings as homie_settings;
use crate::contract::note::{Note, Route};
use crate::contract::omi::errors as omi_errors;
use crate::contract::omi::routes as omi_routes;
use crate::contract::omi::settings as omi_settings;
use crate::contract::omniops::errors as omniops_errors;
use crate::contract::omniops::routes as omniops_routes;
use crate::contract::omniops::settings as omniops_settings;
use crate::contract::request::Request;
use crate::contract::rewardsbot::errors as rewardsbot_errors;
use crate::contract::rewardsbot::routes as rewardsbot_routes;
use crate::contract::rewardsbot::settings as rewardsbot_settings;
use crate::contract::sales_associate::errors as sales_associate_errors;
use crate::contract::sales_associate::routes as sales_associate_routes;

/// An assistant whose API can be played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Assistant {
    /// The Sales Associate API.
    SalesAssociate,
    /// The Homie chat API.
    Homie,
    /// The RewardsBot API.
    RewardsBot,
    /// The Omniops chat API.
    Omniops,
    /// The data import API of omi.me.
    Omi,
}

impl Assistant {
    /// All assistants.
    pub const ALL: [Self; 5] = [
        Self::SalesAssociate,
        Self::Homie,
        Self::RewardsBot,
        Self::Omniops,
        Self::Omi,
    ];

    /// Returns the name, as on the command line and in paths.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SalesAssociate => "sales-associate",
            Self::Homie => "homie",
            Self::RewardsBot => "rewardsbot",
            Self::Omniops => "omniops",
            Self::Omi => "omi",
        }
    }

    /// Returns the names of the endpoints.
    pub fn endpoints(self) -> &'static [&'static str] {
        match self {
            Self::SalesAssociate => sales_associate_routes::ENDPOINTS,
            Self::Homie => homie_routes::ENDPOINTS,
            Self::RewardsBot => rewardsbot_routes::ENDPOINTS,
            Self::Omniops => omniops_routes::ENDPOINTS,
            Self::Omi => omi_routes::ENDPOINTS,
        }
    }

    /// Returns the help text of the switches.
    pub fn switches_help(self) -> &'static str {
        match self {
            Self::SalesAssociate => "",
            Self::Homie => homie_settings::HELP,
            Self::RewardsBot => rewardsbot_settings::HELP,
            Self::Omniops => omniops_settings::HELP,
            Self::Omi => omi_settings::HELP,
        }
    }

    /// Returns the kinds of the fields in answers.
    pub(crate) fn fields(self) -> &'static Fields {
        match self {
            Self::SalesAssociate => &sales_associate_routes::FIELDS,
            Self::Homie => &homie_routes::FIELDS,
            Self::RewardsBot => &rewardsbot_routes::FIELDS,
            Self::Omniops => &omniops_routes::FIELDS,
            Self::Omi => &omi_routes::FIELDS,
        }
    }

    /// Returns the endpoint that a request's head names. `None` if the API has no such path.
    pub(crate) fn route(self, method: &Method, path: &str) -> Option<Route> {
        match self {
            Self::SalesAssociate => sales_associate_routes::find(method, path),
            Self::Homie => homie_routes::find(method, path),
            Self::RewardsBot => rewardsbot_routes::find(method, path),
            Self::Omniops => omniops_routes::find(method, path),
            Self::Omi => omi_routes::find(method, path),
        }
    }

    /// Returns what the record and the faults know of a request to an endpoint.
    pub(crate) fn note(self, request: &Request<'_>) -> Note {
        let (method, path, body) = (request.method, request.path, request.body);
        match self {
            Self::SalesAssociate => sales_associate_routes::note(body),
            Self::Homie => homie_routes::note(method, path, body),
            Self::RewardsBot => rewardsbot_routes::note(method, path, body),
            Self::Omniops => omniops_routes::note(method, path, body),
            Self::Omi => omi_routes::note(request),
        }
    }

    /// Answers a request to a path that the API does not have.
    pub(crate) fn stray(self, method: &Method, path: &str) -> Answer {
        match self {
            Self::SalesAssociate => sales_associate_routes::stray(),
            Self::Homie => homie_routes::stray(method, path).answer(),
            Self::RewardsBot => rewardsbot_routes::stray().answer(),
            Self::Omniops => omniops_routes::stray(),
            Self::Omi => omi_routes::stray().answer(),
        }
    }

    /// Answers a request whose body is larger than the server accepts.
    pub(crate) fn too_large(self) -> Answer {
        match self {
            Self::SalesAssociate => sales_associate_routes::too_large(),
            Self::Homie => homie_routes::too_large().answer(),
            Self::RewardsBot => rewardsbot_routes::too_large().answer(),
            Self::Omniops => omniops_routes::too_large(),
            Self::Omi => omi_routes::too_large().answer(),
        }
    }

    /// Adds the headers of the server in front of the API.
    pub(crate) fn dressed(self, answer: Answer) -> Answer {
        match self {
            Self::SalesAssociate => sales_associate_routes::dressed(answer),
            Self::Homie => homie_routes::dressed(answer),
            Self::RewardsBot => rewardsbot_routes::dressed(answer),
            Self::Omniops => omniops_routes::dressed(answer),
            // The contract says nothing of them.
            Self::Omi => answer,
        }
    }

    /// Returns the codes or statuses of the errors that a fault can ask for.
    pub(crate) fn codes(self) -> Vec<&'static str> {
        match self {
            Self::SalesAssociate => sales_associate_errors::names(),
            Self::Homie => homie_errors::CODES.to_vec(),
            Self::RewardsBot => rewardsbot_errors::CODES.to_vec(),
            Self::Omniops => omniops_errors::codes(),
            Self::Omi => omi_errors::CODES.to_vec(),
        }
    }

    /// Returns an error of the contract with this message. `None` if it has no such code.
    pub(crate) fn error(self, code: &str, message: &str) -> Option<Answer> {
        match self {
            Self::SalesAssociate => sales_associate_errors::with_message(code, message),
            Self::Homie => homie_errors::with_message(code, message),
            Self::RewardsBot => rewardsbot_errors::with_message(code, message),
            Self::Omniops => omniops_errors::with_message(code, message),
            Self::Omi => omi_errors::with_message(code, message),
        }
    }

    /// Returns the code of an engine that has failed.
    pub(crate) fn failure(self) -> &'static str {
        match self {
            Self::SalesAssociate => "upstream_function_error",
            Self::Homie | Self::RewardsBot | Self::Omi => "500",
            Self::Omniops => "INTERNAL_ERROR",
        }
    }

    /// Returns the code of a rate limit.
    pub(crate) fn busy(self) -> &'static str {
        match self {
            Self::SalesAssociate => "rate_limited",
            Self::Homie | Self::RewardsBot | Self::Omi => "429",
            Self::Omniops => "RATE_LIMIT_EXCEEDED",
        }
    }

    /// Returns an error that the contract does not have.
    pub(crate) fn unknown_error(self, message: &str) -> Answer {
        match self {
            Self::SalesAssociate => sales_associate_errors::unknown(message),
            Self::Homie => homie_errors::unknown(message),
            Self::RewardsBot => rewardsbot_errors::unknown(message),
            Self::Omniops => omniops_errors::unknown(message),
            Self::Omi => omi_errors::unknown(message),
        }
    }
}

impl fmt::Display for Assistant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Assistant {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|own| own.name() == text);
        found.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("'{text}' is not one of {names}")
        })
    }
}
