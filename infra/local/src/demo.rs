//! The demo account that a first start makes, over the product's own HTTP interface.

use serde_json::{Value, json};

/// The demo Root's address.
pub const EMAIL: &str = "root@demo.example";
/// The demo Root's password. It is printed at the start, and worth something on this machine only.
pub const PASSWORD: &str = "demo-lantern-orchid-47";

/// Signs the demo account up and accepts its invitation.
pub async fn seed(url: &str) -> Result<(), String> {
    let http = reqwest::Client::builder().no_proxy().build().map_err(|error| error.to_string())?;
    let account = json!({
        "account_name": "Demo", "email": EMAIL, "first_name": "Robin", "last_name": "Root",
    });
    post(&http, &format!("{url}/v1/accounts"), &account).await?;
    let mails = http.get(format!("{url}/_local/mail?to={EMAIL}")).send().await.map_err(|e| e.to_string())?;
    let mails: Value = mails.json().await.map_err(|error| error.to_string())?;
    let links = mails["data"][0]["links"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let token = links.filter_map(|link| link.split_once("/accept#")).map(|(_, token)| token).next();
    let token = token.ok_or("no mail with an invitation came")?;
    post(&http, &format!("{url}/v1/invitations/accept"), &json!({ "token": token, "password": PASSWORD }))
        .await?;
    post(&http, &format!("{url}/v1/sessions"), &json!({ "email": EMAIL, "password": PASSWORD })).await?;
    Ok(())
}

async fn post(http: &reqwest::Client, url: &str, body: &Value) -> Result<(), String> {
    let response = http.post(url).json(body).send().await.map_err(|error| error.to_string())?;
    let status = response.status();
    if status.is_success() {
        return Ok(());
    }
    Err(format!("POST {url} answered {status}: {}", response.text().await.unwrap_or_default()))
}
