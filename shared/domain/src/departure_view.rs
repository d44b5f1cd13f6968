//! What callers see of a departure.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    Departure, DepartureId, DepartureMode, Instant, Name, NextInvoice, Note, Reply, Resource, ResourceId,
    ResourceKind, StepState, UserId,
};

/// Resources that are shown; the list of resources shows the others.
const MADE_MAX: usize = 100;

/// A departure: who, when, what they made, who takes over. RULE: CK-02
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Departure")]
pub struct DepartureView {
    /// Its identifier.
    id: DepartureId,
    /// Who departs.
    user_id: UserId,
    /// Who takes the steps: the admins, who are told when one is due, or time itself.
    mode: DepartureMode,
    /// Who started it.
    started_by: UserId,
    /// When.
    started_at: Instant,
    /// The steps, in order.
    steps: Vec<StepState>,
    /// Who takes over.
    successor_id: Option<UserId>,
    /// Words for whoever deals with it.
    note: Option<Note>,
    /// What they made. It belongs to the account and stays.
    resources: Vec<Made>,
    /// Whether those are all; the list of resources shows the others.
    resources_complete: bool,
    /// When it was called off.
    cancelled_at: Option<Instant>,
    /// When the user was gone, and the seat free.
    finished_at: Option<Instant>,
    /// The seats that are billable without theirs, once it is over.
    billable_after: Option<u32>,
    /// What is charged next without theirs, once it is over and where the plan is a paid one.
    next_invoice: Option<NextInvoice>,
}

impl Reply for DepartureView {}

/// Something that they made.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Made {
    /// What kind of thing it is.
    kind: ResourceKind,
    /// What its service calls it.
    id: ResourceId,
    /// What people call it.
    name: Name,
}

impl DepartureView {
    /// This departure, and the resources of its user, as far as they were read.
    pub fn of(departure: &Departure, resources: &[Resource], resources_complete: bool) -> Self {
        let made: Vec<&Resource> =
            resources.iter().filter(|resource| resource.created_by == departure.user_id).collect();
        let resources_complete = resources_complete && made.len() <= MADE_MAX;
        Self {
            id: departure.id,
            user_id: departure.user_id,
            mode: departure.mode,
            started_by: departure.started_by,
            started_at: departure.started_at,
            steps: departure.steps.clone(),
            successor_id: departure.successor_id,
            note: departure.note.clone(),
            resources: made
                .into_iter()
                .take(MADE_MAX)
                .map(|resource| Made {
                    kind: resource.key.kind,
                    id: resource.key.id.clone(),
                    name: resource.name.clone(),
                })
                .collect(),
            resources_complete,
            cancelled_at: departure.cancelled_at,
            finished_at: departure.finished_at,
            billable_after: departure.billable_after,
            next_invoice: departure.next_invoice,
        }
    }
}
