use super::*;

const SESSION: &str = r#"{"access_token":"a","token_type":"Bearer","expires_in":900,"server_time":1,
    "refresh_timeout":10,"csrf_token":"c","user":{"id":"1","email":"a@b","name":null},"recovery_codes":["x"]}"#;

#[test]
fn what_was_added_and_a_session_are_told_apart() {
    let added = r#"{"two_step":true,"recovery_codes":["k7wm"]}"#;
    assert!(matches!(serde_json::from_str(added), Ok(TotpAnswer::Added(view)) if view.two_step));
    let Ok(TotpAnswer::Session(session)) = serde_json::from_str(SESSION) else { panic!("a session") };
    assert_eq!((session.session.expires_in, session.recovery_codes.len()), (Seconds(900), 1));
    let passkey = r#"{"id":"1","credential_id":"c","name":"n","created_at":1,"last_used_at":null,"synced":true}"#;
    assert!(matches!(serde_json::from_str(passkey), Ok(PasskeyAnswer::Added(passkey)) if passkey.synced));
    assert!(matches!(serde_json::from_str(SESSION), Ok(PasskeyAnswer::Session(_))));
    assert!(serde_json::from_str::<TotpAnswer>("{}").is_err());
    assert!(serde_json::from_str::<PasskeyAnswer>("{}").is_err());
}

#[test]
fn a_session_is_written_as_at_a_sign_in_with_the_codes_beside_it() {
    let Ok(TotpAnswer::Session(session)) = serde_json::from_str(SESSION) else { panic!("a session") };
    let written = serde_json::to_value(&session).expect("JSON");
    assert_eq!((&written["access_token"], &written["recovery_codes"][0]), (&"a".into(), &"x".into()));
}
