//! Where SES reports what becomes of mails.

use super::node::Node;
use super::{ACCOUNT_ID, DEFAULT_BUS, REGION, TemplateError, fault};

/// The events that SES can report and the local stack makes, as a template and as an event name them.
const EVENT_TYPES: [(&str, &str); 5] = [
    ("delivery", "Delivery"),
    ("bounce", "Bounce"),
    ("complaint", "Complaint"),
    ("reject", "Reject"),
    ("deliveryDelay", "DeliveryDelay"),
];

/// One `AWS::SES::ConfigurationSetEventDestination`: the default bus, which is the only one that SES supports.
#[derive(Clone, Debug)]
pub(crate) struct MailDestination {
    pub(crate) configuration_set: String,
    /// As events name them.
    pub(crate) event_types: Vec<&'static str>,
}

pub(super) fn destination(properties: &Node) -> Result<MailDestination, TemplateError> {
    properties
        .only(&["ConfigurationSetName", "EventDestination"], "AWS::SES::ConfigurationSetEventDestination")?;
    let destination = properties.need("EventDestination")?;
    destination
        .only(&["Name", "Enabled", "MatchingEventTypes", "EventBridgeDestination"], "EventDestination")?;
    let bus = destination.need("EventBridgeDestination")?;
    bus.only(&["EventBusArn"], "EventBridgeDestination")?;
    let arn = bus.need("EventBusArn")?;
    if arn.text()? != format!("arn:aws:events:{REGION}:{ACCOUNT_ID}:event-bus/{DEFAULT_BUS}") {
        return Err(fault(arn.line, "SES reports to the default event bus only".to_owned()));
    }
    let mut event_types = Vec::new();
    for node in destination.need("MatchingEventTypes")?.items()? {
        let name = node.text()?;
        let known = EVENT_TYPES.iter().find(|(spelled, _)| *spelled == name);
        let (_, event_type) = known
            .ok_or_else(|| fault(node.line, format!("the event type {name} of mails is not understood")))?;
        event_types.push(*event_type);
    }
    if !destination.get("Enabled").map_or(Ok(true), Node::flag)? {
        event_types.clear();
    }
    Ok(MailDestination { configuration_set: properties.need("ConfigurationSetName")?.text()?, event_types })
}
