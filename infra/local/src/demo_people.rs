//! Who is in the demo account.

use domain::{Role, Status};

/// Somebody of the demo account.
pub(crate) struct Person {
    /// The end of the identifier.
    pub(crate) number: u16,
    /// The part before the @ of the address.
    pub(crate) local: &'static str,
    pub(crate) first: &'static str,
    pub(crate) last: &'static str,
    pub(crate) role: Role,
    pub(crate) status: Status,
}

impl Person {
    pub(crate) const fn new(number: u16, names: [&'static str; 3], role: Role, status: Status) -> Self {
        let [local, first, last] = names;
        Self { number, local, first, last, role, status }
    }
}

/// The Root first. Whoever a sample changes, no other sample is about.
pub(crate) const PEOPLE: &[Person] = &[
    Person::new(2, ["root", "Robin", "Root"], Role::Root, Status::Active),
    Person::new(3, ["dana", "Dana", "Dale"], Role::Developer, Status::Active),
    Person::new(6, ["cara", "Cara", "Cole"], Role::Developer, Status::Active),
    Person::new(7, ["sam", "Sam", "Stone"], Role::Developer, Status::Active),
    Person::new(8, ["rhea", "Rhea", "Reed"], Role::Monitor, Status::Suspended),
    Person::new(9, ["lou", "Lou", "Lane"], Role::Billing, Status::Active),
    Person::new(10, ["dan", "Dan", "Dean"], Role::Monitor, Status::Active),
    Person::new(11, ["ada", "Ada", "Ames"], Role::Admin, Status::Pending),
    Person::new(12, ["luca", "Luca", "Lind"], Role::Developer, Status::Pending),
    Person::new(21, ["lea", "Lea", "Lott"], Role::Developer, Status::Active),
    Person::new(40, ["pia", "Pia", "Park"], Role::Monitor, Status::Active),
    Person::new(41, ["nora", "Nora", "Nash"], Role::Developer, Status::Active),
    Person::new(42, ["otto", "Otto", "Oaks"], Role::Monitor, Status::Active),
    Person::new(51, ["rita", "Rita", "Rowe"], Role::Developer, Status::Pending),
    Person::new(52, ["theo", "Theo", "Tate"], Role::Monitor, Status::Pending),
    Person::new(60, ["pat", "Pat", "Pike"], Role::Monitor, Status::Active),
    Person::new(62, ["ed", "Ed", "Eads"], Role::Monitor, Status::Active),
    Person::new(64, ["kim", "Kim", "Kerr"], Role::Developer, Status::Active),
    Person::new(66, ["mel", "Mel", "Moss"], Role::Monitor, Status::Active),
    Person::new(68, ["cody", "Cody", "Cobb"], Role::Developer, Status::Active),
    Person::new(70, ["ines", "Ines", "Ives"], Role::Developer, Status::Active),
    Person::new(71, ["vic", "Vic", "Vale"], Role::Monitor, Status::Active),
];
