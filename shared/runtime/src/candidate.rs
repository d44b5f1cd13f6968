//! The fields of somebody who is to be invited, alone or as one of many. RULE: IN-01

use domain::{Candidate, Invitee};

use crate::Fields;

impl Fields {
    /// Somebody who is to be invited.
    pub fn candidate(&mut self) -> Option<Candidate> {
        let email = self.email("Where the invitation goes; what they will sign in with.");
        let first_name = self.text("first_name", "First name.");
        let last_name = self.text("last_name", "Last name.");
        let role = self.role("What they may do once they have accepted.");
        let message = self.optional_text("message", "Words of one's own, in the mail.");
        let justification = self.optional_text("justification", "Why they get this role, for the audit log.");
        let invitee = Invitee {
            email: email?,
            first_name: first_name?,
            last_name: last_name?,
            role: role?,
            message: message?,
        };
        Some(Candidate { invitee, justification: justification? })
    }
}
