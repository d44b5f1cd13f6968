//! Issuing and showing recovery codes, one's own or somebody else's. RULE: RC-02, RC-05

use domain::{Change, CodesView, Fact, FactKind, Factors, NewCodes, RecoveryCode, SeenBy, User};

use crate::Moment;

/// New codes of this user; the former ones are void. They are told by mail, in the same transaction: no notice, no codes.
pub fn issue_codes(
    user: &User,
    factors: Factors,
    new: NewCodes,
    seen_by: SeenBy,
    at: &Moment,
) -> Change<CodesView> {
    let (codes, shown) = new.issue(seen_by, at.now);
    let user = user.clone().with_codes();
    Change::reply(CodesView::new(user.id, &shown))
        .fact(Fact::of(FactKind::CodesIssued, &user))
        .put(factors.with_codes(codes))
        .put(user)
}

/// The unused codes of this user. They are told by mail, in the same transaction; a later promotion to Root finds whether
/// others have seen them. RULE: RC-04
pub fn show_codes(
    user: &User,
    factors: Factors,
    codes: &[RecoveryCode],
    seen_by: SeenBy,
) -> Change<CodesView> {
    Change::reply(CodesView::new(user.id, codes))
        .fact(Fact::of(FactKind::CodesViewed, user))
        .put(factors.codes_seen_by(seen_by))
}
