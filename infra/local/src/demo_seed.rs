//! The demo accounts come into the table.

use domain::{Entity, Instant};
use runtime::{Env, Host, Loaded};
use store::{Outcome, Writes};

use crate::demo::{AGREEING, CLOSING, DEMO, PASSWORD, resource};

/// Makes the accounts, each of them all or nothing; the one that people are shown comes last.
pub(crate) async fn seed(host: &Host, now: Instant) -> Result<(), String> {
    let hash = runtime::hash_password(PASSWORD).await.map_err(|error| error.to_string())?;
    let env = Env::new("operator", host, &[]).map_err(|error| error.to_string())?;
    let mut shown = DEMO.puts(&hash, now)?;
    shown.push(resource(now)?.into());
    for team in [CLOSING, AGREEING] {
        match write(&env, &team.puts(&hash, now)?).await {
            // A start that was cut off has made it.
            Ok(()) | Err(Unseeded::IsThere) => {}
            Err(Unseeded::Failed(problem)) => return Err(problem),
        }
    }
    write(&env, &shown).await.map_err(|unseeded| match unseeded {
        Unseeded::IsThere => "it is there already".to_owned(),
        Unseeded::Failed(problem) => problem,
    })
}

enum Unseeded {
    IsThere,
    Failed(String),
}

async fn write(env: &Env, puts: &[Entity]) -> Result<(), Unseeded> {
    let writes = Writes { puts, deletes: &[], reliances: &[] };
    let written = env.table.commit(writes, &Loaded::default()).await;
    match written.map_err(|error| Unseeded::Failed(runtime::chain(&error)))? {
        (Outcome::Committed, _) => Ok(()),
        (Outcome::Contended, _) => Err(Unseeded::IsThere),
        (Outcome::Unknown(error), _) => Err(Unseeded::Failed(error.to_string())),
    }
}
