//! Questions and answers cross the call into the object as numbers.

use concierge_proxy::limits::protocol::{Account, Answer, Decision, Exceeded, Question, Standing};
use concierge_proxy::limits::{Cap, Own, Tier, Window};
use proptest::prelude::*;

use crate::support::cases;

fn exceeded() -> impl Strategy<Value = Exceeded> {
    (
        tier(),
        any::<u32>(),
        prop::sample::select(Window::ALL.to_vec()),
        any::<u32>(),
    )
        .prop_map(|(tier, count, window, retry_after)| Exceeded {
            tier,
            cap: Cap { count, window },
            retry_after,
        })
}

fn question() -> impl Strategy<Value = Question> {
    prop_oneof![
        any::<(u32, bool, u32)>().prop_map(|(shopper, newcomer, receipt)| Question::Admit {
            shopper,
            newcomer,
            receipt,
        }),
        Just(Question::CountRetry),
        any::<(u32, u32)>().prop_map(|(shopper, receipt)| Question::Refund { shopper, receipt }),
        account().prop_map(Question::AdmitVerified),
        account().prop_map(Question::RefundVerified),
        account().prop_map(Question::Free),
        account().prop_map(Question::Done),
        (any::<[u8; 6]>(), tier()).prop_map(|(name, tier)| Question::Lift { name, tier }),
    ]
}

fn tier() -> impl Strategy<Value = Tier> {
    prop::sample::select(vec![Tier::Shopper, Tier::Newcomer, Tier::Network])
}

fn account() -> impl Strategy<Value = Account> {
    let owns = vec![Own::Shopper, Own::Verified, Own::Omi, Own::Admin];
    (any::<(u32, u32, u32)>(), prop::sample::select(owns)).prop_map(
        |((shopper, receipt, once), own)| Account {
            shopper,
            own,
            receipt,
            once,
        },
    )
}

const ADMIT: Question = Question::Admit {
    shopper: 1,
    newcomer: true,
    receipt: 2,
};
const LIFT: Question = Question::Lift {
    name: [1; 6],
    tier: Tier::Network,
};
const REFUND: Question = Question::Refund {
    shopper: 1,
    receipt: 2,
};

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_question_is_read_as_it_was_asked(question in question()) {
        prop_assert_eq!(Question::from_words(&question.to_words()), Some(question));
    }

    #[test]
    fn an_answer_is_read_by_its_question(
        exceeded in prop::option::of(exceeded()),
        standing in prop::option::of(any::<(u32, u32)>()),
        counted: bool,
        lifted: u32,
    ) {
        let standing = standing.map(|(remaining, reset)| Standing { remaining, reset });
        let decision = standing.map(|standing| Answer::Decision(Decision { exceeded, standing }));
        for (question, answer) in [
            (ADMIT, decision),
            (Question::CountRetry, Some(Answer::RetryCounted(counted))),
            (REFUND, Some(Answer::Refunded(standing))),
            (LIFT, Some(Answer::Lifted(lifted))),
        ] {
            if let Some(answer) = answer {
                prop_assert_eq!(question.read(&answer.to_words()), Some(answer));
            }
        }
    }

    #[test]
    fn no_words_break_the_reading_of_a_question(words: Vec<u32>) {
        if let Some(question) = Question::from_words(&words) {
            prop_assert_eq!(question.to_words(), words);
        }
    }

    #[test]
    fn a_verdict_is_read_as_it_was_given(
        exceeded in prop::option::of(exceeded()),
        remaining: u32,
        reset: u32,
    ) {
        let decision = Decision { exceeded, standing: Standing { remaining, reset } };
        prop_assert_eq!(Decision::from_words(&decision.to_words()), Some(decision));
    }

    #[test]
    fn no_words_break_the_reading(words: Vec<u32>) {
        if let Some(decision) = Decision::from_words(&words) {
            prop_assert_eq!(words.len(), if decision.exceeded.is_none() { 2 } else { 6 });
        }
    }
}

#[test]
fn what_is_no_verdict_admits_nobody() {
    for words in [
        &[][..],
        &[0],
        &[0, 0, 1],
        &[0, 0, 1, 1, 60],
        &[0, 0, 1, 1, 60, 1, 0],
        &[0, 0, 0, 1, 60, 1],
        &[0, 0, 6, 1, 60, 1],
        &[0, 0, u32::MAX, 1, 60, 1],
        &[0, 0, 1, 1, 61, 1],
        &[0, 0, 1, 1, 0, 1],
    ] {
        assert_eq!(Decision::from_words(words), None, "{words:?}");
    }
}

#[test]
fn what_is_no_question_is_not_answered() {
    for words in [
        &[][..],
        &[0],
        &[1],
        &[1, 2, 1],
        &[1, 2, 2, 3],
        &[1, 2, 1, 3, 4],
        &[2, 0],
        &[3, 1],
        &[3, 1, 2, 3],
        &[4],
        &[8, 1, 2],
        &[8, 0x1_0000, 2, 1],
        &[8, 1, 2, 6],
    ] {
        assert_eq!(Question::from_words(words), None, "{words:?}");
    }
}

#[test]
fn what_is_no_answer_counts_and_refunds_nothing() {
    for words in [&[][..], &[2], &[1, 1], &[0, 0]] {
        assert_eq!(Question::CountRetry.read(words), None, "{words:?}");
    }
    for words in [&[0][..], &[1, 2, 3]] {
        assert_eq!(REFUND.read(words), None, "{words:?}");
    }
}
