//! What the upstream answers, and what follows from it.

use super::{Answer, Errand, Stop, Visit};
use crate::assistants::{Head, Judgement};
use crate::isolate::Isolate;

impl Visit {
    /// The head of the upstream's answer is there.
    pub fn head(&mut self, isolate: &Isolate, lines: String, now: u64) {
        let next = self.judge(isolate, lines, now);
        self.go_on(isolate, next, now);
    }

    fn judge(&mut self, isolate: &Isolate, lines: String, now: u64) -> Result<Errand, Stop> {
        self.facts.upstream_ms = Some(now.saturating_sub(self.facts.sent));
        let head = Head::from_lines(&lines);
        let status = head.status;
        let judgement = isolate.gate.proxy()?.assistant.judge(&head);
        if let Judgement::Pass(content_type) = judgement {
            let answer = Answer::Chat {
                status,
                content_type,
            };
            self.conclude(isolate, &Ok(answer), now);
            return Ok(Errand::HandOn);
        }
        self.facts.upstream_status = Some(status);
        if let Judgement::Refuse(refusal) = judgement {
            return Err(refusal.into());
        }
        self.facts.error_head = lines;
        Ok(Errand::ReadError)
    }

    /// The body of the upstream's error is there, as much of it as is read.
    pub fn error_body(&mut self, isolate: &Isolate, body: &[u8], now: u64) {
        let stop = self.read_error(isolate, body);
        self.go_on(isolate, Err(stop), now);
    }

    pub(super) fn read_error(&mut self, isolate: &Isolate, body: &[u8]) -> Stop {
        let proxy = match isolate.gate.proxy() {
            Ok(proxy) => proxy,
            Err(refusal) => return refusal.into(),
        };
        let head = Head::from_lines(&self.facts.error_head);
        let failure = proxy.assistant.read_error(&head, body);
        self.facts.upstream_request_id = failure.request_id;
        failure.refusal.into()
    }
}
