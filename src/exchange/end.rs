//! The end of a request: its reply and its log line.

use base64ct::{Base64UrlUnpadded, Encoding};

use super::delivery::AttemptLog;
use super::{Context, End, Rejection};
use crate::analytics;
use crate::contract::answer::Object;
use crate::identity::Identity;
use crate::keys::LOG_HASH_BYTES;
use crate::limits::protocol::Exceeded;
use crate::log::{self, Entry, Line};
use crate::media_type::MediaType;
use crate::network::LimiterName;
use crate::proxy::Proxy;
use crate::refusal::Refusal;
use crate::reply::{self, DryRun, Quota, Reply, ReplyContext, Timing};
use crate::usage::Refused;

/// The end of a request that gets what it asks for.
#[derive(Debug)]
pub(super) enum Success {
    Preflight,
    /// The settings are valid. Whether the limits are only tried out.
    Health(bool),
    /// The upstream's body, unchanged.
    Chat {
        status: u16,
        media_type: MediaType,
    },
    /// A webhook that has been taken.
    Webhook,
    /// What the assistant can do, as JSON.
    Capabilities(String),
    /// A chat's answer, as its last event.
    Events(String),
    /// A translated answer, with its status.
    Answer {
        status: u16,
        json: String,
    },
    /// What was counted, for Prometheus.
    Metrics(String),
}

impl Success {
    /// Returns the answer to a request that the upstream has taken.
    pub(super) fn accepted(request_id: &str) -> Self {
        let mut object = Object::begin();
        object.text("request_id", request_id);
        Self::Answer {
            status: 202,
            json: object.end(),
        }
    }
}

/// What goes into the reply and the log line, as far as it is known at the end.
#[derive(Debug, Default)]
pub(super) struct Report<'a> {
    pub(super) who: Option<(&'a Proxy, &'a Identity)>,
    /// `Some` if a decision of the limiter is known.
    pub(super) quota: Option<Quota>,
    pub(super) limiter_ms: Option<u64>,
    /// The pass to issue, if the shopper needs one.
    pub(super) pass: Option<String>,
    /// What became of the attempts upstream, if it came to that.
    pub(super) attempt_log: Option<&'a AttemptLog>,
    /// When the first part of the answer was sent, if it comes in parts, in milliseconds since 1970.
    pub(super) begun: Option<u64>,
    /// A detail that is only logged.
    pub(super) detail: Option<String>,
    /// The log entries beside the request's own line.
    pub(super) notices: Vec<Entry>,
    /// What the merchant has lifted.
    pub(super) lifted: Option<Refused>,
}

/// The limiter of a request, and its shopper's name in log lines.
pub(super) type Names = (LimiterName, [u8; LOG_HASH_BYTES]);

impl Report<'_> {
    fn names(&self) -> Option<Names> {
        self.who
            .map(|(proxy, who)| (who.limiter, proxy.log_name(who.shopper)))
    }

    fn dry_run(&self) -> Option<DryRun> {
        self.quota.and_then(|quota| quota.dry_run)
    }

    /// Returns the cap that would have refused the chat, if the limits were not only tried out.
    pub(super) fn spared(&self) -> Option<Exceeded> {
        self.dry_run().and_then(|DryRun(spared)| spared)
    }
}

impl Context {
    /// Returns the head of an answer by events that begins before its end is known.
    pub(super) fn begin_events(&self, report: &Report<'_>, now: u64) -> Reply {
        let request_id = self.entropy.request_id();
        let context = self.reply_context(report, &request_id, now);
        reply::events(context, "", report.quota, report.pass.as_deref())
    }

    fn reply_context<'a>(
        &'a self,
        report: &Report<'_>,
        request_id: &'a str,
        now: u64,
    ) -> ReplyContext<'a> {
        ReplyContext {
            origin: self.origin.as_deref(),
            request_id,
            timing: Timing {
                limiter: report.limiter_ms,
                upstream: report.attempt_log.and_then(|attempt_log| attempt_log.ms),
                total: report.begun.unwrap_or(now).saturating_sub(self.started),
            },
        }
    }

    pub(super) fn end(
        &self,
        answer: &Result<Success, Rejection>,
        report: Report<'_>,
        now: u64,
    ) -> End {
        let request_id = self.entropy.request_id();
        let context = self.reply_context(&report, &request_id, now);
        let mut reply = reply_to(answer, &report, context);
        if self.pass_in_body
            && let Some(pass) = &report.pass
        {
            reply.add_pass(pass);
        }
        let names = report.names();
        let (line, data_point) = self.lines(answer, &report, names, context, reply.status);
        let sample = self
            .sampled
            .then(|| self.sample(answer, &report, names, context, reply.status));
        let (mut log, lifted) = (report.notices, report.lifted);
        log.push(line);
        End {
            reply,
            log,
            data_point,
            sample,
            lifted,
        }
    }
}

fn reply_to(
    answer: &Result<Success, Rejection>,
    report: &Report<'_>,
    context: ReplyContext<'_>,
) -> Reply {
    let pass = report.pass.as_deref();
    match answer {
        Ok(Success::Preflight) => reply::preflight(context),
        Ok(Success::Health(dry_run)) => reply::healthy(context, *dry_run),
        Ok(Success::Chat { status, media_type }) => {
            reply::chat(context, *status, *media_type, report.quota, pass)
        }
        Ok(Success::Webhook) => reply::taken(context),
        Ok(Success::Capabilities(json)) => reply::capabilities(context, json),
        Ok(Success::Events(events)) => reply::events(context, events, report.quota, pass),
        Ok(Success::Answer { status, json }) => {
            reply::answer(context, *status, json, report.quota, pass)
        }
        Ok(Success::Metrics(text)) => reply::metrics(context, text),
        Err(Rejection::Refused(refusal)) if report.begun.is_some() => {
            reply::last_event(context, refusal)
        }
        Err(Rejection::Refused(refusal)) => {
            let request_id = report
                .attempt_log
                .and_then(|attempt_log| attempt_log.request_id.as_deref());
            reply::refusal(context, refusal, request_id, report.quota, pass)
        }
        Err(Rejection::ShopperLeft) => reply::unread(context),
    }
}

/// Returns what the log calls an end.
pub(super) fn outcome(answer: &Result<Success, Rejection>) -> &'static str {
    match answer {
        Ok(_) => log::OK,
        Err(Rejection::Refused(refusal)) => refusal.code(),
        Err(Rejection::ShopperLeft) => log::SHOPPER_LEFT,
    }
}

impl Context {
    /// Returns the log line of the request, and its data point if it has one.
    fn lines(
        &self,
        answer: &Result<Success, Rejection>,
        report: &Report<'_>,
        names: Option<Names>,
        context: ReplyContext<'_>,
        status: u16,
    ) -> (Entry, Option<String>) {
        let refusal = match answer {
            Err(Rejection::Refused(refusal)) => Some(refusal),
            _ => None,
        };
        let reason = refusal.and_then(|refusal| match refusal {
            Refusal::MisconfiguredProxy(_) | Refusal::InvalidShopperToken(_) => {
                Some(refusal.message())
            }
            Refusal::CircuitOpen(_) => Some("upstream: circuit open".into()),
            _ => None,
        });
        let names = names
            .map(|(limiter, shopper)| (Base64UrlUnpadded::encode_string(&shopper), limiter.name()));
        let attempt_log = report.attempt_log;
        let is_of_omi = self.is_of_omi() && attempt_log.is_some();
        let spared = report.spared();
        let line = Line {
            request_id: context.request_id,
            outcome: outcome(answer),
            notice: refusal.and_then(|refusal| refusal.notice(is_of_omi)),
            operation: self.operation,
            status,
            total_ms: context.timing.total,
            limiter_ms: context.timing.limiter,
            upstream_ms: context.timing.upstream,
            upstream_status: attempt_log.and_then(|attempt_log| attempt_log.status),
            upstream_request_id: attempt_log
                .and_then(|attempt_log| attempt_log.request_id.as_deref()),
            attempts: attempt_log.map_or(&[], |attempt_log| &attempt_log.attempts),
            refunded: attempt_log.is_some_and(|attempt_log| attempt_log.refunded),
            budget: refusal
                .and_then(Refusal::tier)
                .or(spared.map(|full| full.tier.name())),
            window: refusal
                .and_then(Refusal::limit_window)
                .or(spared.map(|full| full.cap.window.name())),
            dry_run: report.dry_run().is_some(),
            shopper: names.as_ref().map(|(shopper, _)| shopper.as_str()),
            limiter: names.as_ref().map(|(_, limiter)| limiter.as_str()),
            verified: report.who.is_some_and(|(_, who)| who.is_verified()),
            detail: report.detail.as_deref().or(reason.as_deref()),
        };
        let data_point = self
            .analysed
            .filter(|_| self.asks_engine())
            .map(|assistant| analytics::point(&line, assistant));
        (line.to_entry(), data_point)
    }
}
