//! POST /v1/authorize: the one question of other services, "may this credential do that?", answered from what is
//! stored at this instant; nothing changes. The same function answers as a Lambda authorizer. RULE: RS-02, RO-05

mod authorizer;

use std::sync::Arc;

use domain::{AccountId, Action, Actor, Change, Decision, Reply, Role, UserId};
use runtime::{Fault, Fields, Handler, Host, Moment, Operation, StartError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use authorizer::Authorizer;

const OPERATION: runtime::Function = runtime::http::<Authorize>();

/// The function.
pub const FUNCTION: runtime::Function = runtime::Function { start, ..OPERATION };

/// What the caller sends.
pub struct Authorize {
    action: Action,
}

/// The answer.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Authorization {
    /// Whether the role of whoever calls allows it.
    allowed: bool,
    /// Who calls.
    user_id: UserId,
    /// What they are at this instant.
    role: Role,
    /// The account they belong to.
    account_id: AccountId,
}

impl Reply for Authorization {}

impl Operation for Authorize {
    const NAME: &str = "authorize";
    const ABOUT: &str = env!("CARGO_PKG_DESCRIPTION");
    const COUNTS_KEYS: bool = false;
    type Caller = Actor;
    type Loads = ();
    type Reply = Authorization;

    fn read(fields: &mut Fields) -> Option<Self> {
        let names = Action::ALL.map(Action::name);
        let action = fields.choice("action", "What the caller would do.", Action::parse, &names)?;
        Some(Self { action })
    }

    // RULE: RO-01
    fn decide(&self, by: &Actor, (): (), _: &Moment) -> Decision<Authorization> {
        let user = &by.user;
        Ok(Change::reply(Authorization {
            allowed: user.role.may(self.action.needs()),
            user_id: user.id,
            role: user.role,
            account_id: user.account_id,
        }))
    }
}

fn start(host: &Host) -> Result<Arc<dyn Handler>, StartError> {
    Ok(Arc::new(Either { operation: (OPERATION.start)(host)? }))
}

/// Answers requests of this API, and what the gateways of other APIs ask.
struct Either {
    operation: Arc<dyn Handler>,
}

impl Handler for Either {
    fn call(
        &self,
        event: serde_json::Value,
    ) -> futures_util::future::BoxFuture<'_, Result<serde_json::Value, Fault>> {
        if !Authorizer::is_asked(&event) {
            return self.operation.call(event);
        }
        Box::pin(async move {
            // What serde says quotes what it found, which may be a secret. RULE: AC-10
            let authorizer: Authorizer = serde_json::from_value(event)
                .map_err(|error| format!("this is no event of an authorizer: {:?}", error.classify()))?;
            let answer = self.operation.call(authorizer.question()).await?;
            Authorizer::answer(&answer)
        })
    }
}
