//! Whether somebody still needs their access, as an admin asks them by mail and they answer by its links. RULE: AU-04

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Claim, Instant, Nonce, Refusal, Status, User};

/// A question, and what was said to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessQuestion {
    /// Drawn for it: a later question makes earlier links worthless.
    pub nonce: Nonce,
    /// When it was asked.
    pub asked_at: Instant,
    /// What they said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<AccessAnswer>,
}

/// What somebody said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessAnswer {
    /// Whether they still need it.
    pub is_needed: bool,
    /// When they said so.
    pub at: Instant,
}

/// A question as admins see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "AccessQuestion")]
pub struct AccessQuestionView {
    /// When they were asked whether they still need their access.
    asked_at: Instant,
    /// When they answered; null where they have not.
    answered_at: Option<Instant>,
    /// What they said; null where they have not.
    is_needed: Option<bool>,
}

impl AccessQuestion {
    /// How long its links are good for.
    pub const LIFETIME: TimeDelta = TimeDelta::days(30);
    /// Nobody is asked again earlier than this.
    pub const PAUSE: TimeDelta = TimeDelta::days(1);

    /// What the token of its links is a MAC of.
    pub fn claim(&self, user: &User) -> Claim {
        Claim::new("access", (user.account_id, user.id), &self.nonce, user.email.identity())
    }

    /// As admins see it.
    pub fn view(&self) -> AccessQuestionView {
        AccessQuestionView {
            asked_at: self.asked_at,
            answered_at: self.answer.map(|answer| answer.at),
            is_needed: self.answer.map(|answer| answer.is_needed),
        }
    }
}

impl User {
    /// What they said when they were asked last.
    pub fn access_answer(&self) -> Option<AccessAnswer> {
        self.access_question.as_ref()?.answer
    }

    /// Whether they have said since then that they need their access. RULE: AU-04
    pub(crate) fn has_claimed_access_since(&self, then: Instant) -> bool {
        self.access_answer().is_some_and(|answer| answer.is_needed && answer.at > then)
    }

    /// Whether they can be asked now: they have accepted, and were not asked a moment ago.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotAccepted`], and [`Refusal::RateLimited`] within a day of the last question.
    pub fn may_be_asked(&self, now: Instant) -> Result<(), Refusal> {
        if !matches!(self.status, Status::Active | Status::Suspended) {
            return Err(Refusal::NotAccepted);
        }
        let again_at =
            self.access_question.as_ref().map(|question| question.asked_at + AccessQuestion::PAUSE);
        match again_at.filter(|again_at| now < *again_at) {
            Some(again_at) => Err(Refusal::rate_limited_until(again_at, now)),
            None => Ok(()),
        }
    }

    /// Asked; what they said before is forgotten.
    ///
    /// # Errors
    ///
    /// Those of [`User::may_be_asked`].
    pub fn asked_for_access(self, nonce: Nonce, now: Instant) -> Result<Self, Refusal> {
        self.may_be_asked(now)?;
        let mut user = self.changed();
        user.access_question = Some(AccessQuestion { nonce, asked_at: now, answer: None });
        Ok(user)
    }

    /// The question that can be answered now.
    pub fn open_question(&self, now: Instant) -> Option<&AccessQuestion> {
        let question = self.access_question.as_ref();
        question.filter(|it| it.answer.is_none() && now < it.asked_at + AccessQuestion::LIFETIME)
    }

    /// What the token of its links is a MAC of.
    pub fn question_claim(&self, now: Instant) -> Option<Claim> {
        self.open_question(now).map(|open| open.claim(self))
    }

    /// Answered, once. It changes neither what they may do nor what their seat costs: an admin decides.
    pub fn answered(self, answer: AccessAnswer) -> Self {
        let mut user = self.changed();
        if let Some(question) = &mut user.access_question {
            question.answer = Some(answer);
        }
        user
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;
    use crate::lives::user;

    // RULE: AU-04
    #[test]
    fn a_question_is_asked_once_a_day_answered_once_and_within_thirty_days() {
        let start = Instant::default();
        let ann = user(1, Role::Monitor);
        assert_eq!(ann.may_be_asked(start), Err(Refusal::NotAccepted));
        let ann = ann.accept("hash".into(), start);
        let version = ann.version;
        let asked = ann.asked_for_access(Nonce::new(1), start).unwrap();
        assert!(asked.version > version, "an admin sees it");
        let day = start + TimeDelta::days(1);
        let early = asked.may_be_asked(day - TimeDelta::milliseconds(1));
        assert_eq!(early, Err(Refusal::RateLimited { retry_after_seconds: 1 }));
        assert_eq!(asked.may_be_asked(day), Ok(()));
        let end = start + TimeDelta::days(30);
        assert!(asked.open_question(end - TimeDelta::milliseconds(1)).is_some());
        assert_eq!(asked.open_question(end), None);
        let answered = asked.clone().answered(AccessAnswer { is_needed: false, at: day });
        assert!(answered.version > asked.version, "whoever saw no answer has not seen it");
        assert_eq!(answered.open_question(day), None, "a link is good once");
        let again = answered.clone().asked_for_access(Nonce::new(2), day).unwrap();
        assert_eq!(again.access_question.as_ref().unwrap().answer, None);
        let former = answered.access_question.as_ref().unwrap().claim(&answered);
        assert_ne!(again.open_question(day).unwrap().claim(&again).bytes(), former.bytes());
        let reset = again.clone().asked_for_reset(Nonce::new(2), day).password_reset.unwrap();
        assert_ne!(reset.claim(&again).bytes(), again.open_question(day).unwrap().claim(&again).bytes());
        let suspended = again.suspend(None, day).unwrap();
        assert!(suspended.open_question(day).is_some(), "whoever is suspended may say so");
    }
}
