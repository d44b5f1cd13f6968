//! Every mail, as it reads and as it looks; whatever people type.

mod hostile;
mod kinds;
mod layout;
mod reasons;
mod scene;
mod security;
mod webhooks;

use kinds::KINDS;
use scene::Scene;

/// Subject, text and HTML of each, a file each. Word joiners are shown as dots in the middle.
#[test]
fn each_mail_reads_as_it_was_meant() {
    for kind in KINDS {
        let mail = Scene::usual().mail(kind).unwrap_or_else(|| panic!("{kind} is a mail"));
        let shown = format!("To: {}\nSubject: {}\n\n{}\n{}", mail.to, mail.subject, mail.text, mail.html);
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(kind, shown.replace('\u{2060}', "\u{b7}"));
        });
    }
}
