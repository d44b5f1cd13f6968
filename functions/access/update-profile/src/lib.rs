//! PATCH /v1/me: one's own name and language; what is left out stays.

use domain::{Actor, Change, Decision, Fact, FactKind, Locale, Name, UserView};
use runtime::{Fields, Moment, Operation, Shape};

/// The function.
pub const FUNCTION: runtime::Function = runtime::http::<UpdateProfile>();

/// What the caller sends.
pub struct UpdateProfile {
    first_name: Option<Name>,
    last_name: Option<Name>,
    locale: Option<Locale>,
}

impl Operation for UpdateProfile {
    const NAME: &str = "update-profile";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const SESSION_ALONE: bool = true;
    const REFUSES: &'static [&'static [&'static str]] = &[&["version_mismatch"]];
    type Caller = Actor;
    type Loads = ();
    type Reply = UserView;

    fn read(fields: &mut Fields) -> Option<Self> {
        let first_name = fields.optional_text("first_name", "First name.");
        let last_name = fields.optional_text("last_name", "Last name.");
        let about = "The language and region that one reads, as in BCP 47, such as `de-AT`.";
        let locale = fields.optional("locale", Shape::text(about, &(2..=Locale::CHARS_MAX)), Locale::parse);
        Some(Self { first_name: first_name?, last_name: last_name?, locale: locale? })
    }

    // RULE: AP-03
    fn decide(&self, by: &Actor, (): (), at: &Moment) -> Decision<UserView> {
        by.if_match.check(by.user.version)?;
        let (first, last) = (self.first_name.clone(), self.last_name.clone());
        let user = by.user.clone().renamed(first, last, self.locale.clone());
        if user == by.user {
            return Ok(Change::reply(by.view(&user, at.now)));
        }
        // Neither name stands in the entry: it outlives them. RULE: DE-02
        let fact = Fact::of(FactKind::UserUpdated, &user);
        Ok(Change::reply(by.view(&user, at.now)).fact(fact).put(user))
    }
}
