//! The Lambda function `notification-settings`.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(notification_settings::FUNCTION)
}
