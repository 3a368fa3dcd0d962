//! Writes one CloudTrail record: a scene in, compact JSON at the end of a buffer, in CloudTrail's order
//! of keys.

use super::dice::{below, mix, named};
use super::faults::{Class, Told};
use super::fill::Scene;
use super::origin::Origin;
use super::plan::REGIONS;
use super::template::Template;
use super::text;

/// Of a thousand calls that could be denied, how many are; and how many of all fail otherwise. The first
/// makes about 4% of all records, since services and their roles are hardly ever denied.
const DENIED: u64 = 49;
const FAILED: u64 = 22;

const VERSIONS: [&str; 4] = ["1.11", "1.10", "1.09", "1.08"];

/// Appends the record and tells whether it is a denied call.
pub fn write(scene: &Scene, out: &mut Vec<u8>) -> bool {
    let casting = scene.call;
    let call = casting.call;
    let origin = Origin::of(scene);
    let told = fault(scene);
    let denied = told.is_some_and(|told| told.fault.class == Class::Denied);

    put(out, r#"{"eventVersion":""#);
    put(out, VERSIONS[below(mix(scene.world.seed, named(call.prefix)), 4) as usize]);
    put(out, r#"","userIdentity":"#);
    scene.fill(&scene.world.identities[scene.me.kind as usize], out);
    put(out, r#","eventTime":""#);
    text::instant(scene.time, out);
    put(out, r#"","eventSource":""#);
    put(out, call.prefix);
    put(out, r#".amazonaws.com","eventName":""#);
    put(out, call.name);
    put(out, r#"","awsRegion":""#);
    put(out, REGIONS[scene.region]);
    put(out, r#"","sourceIPAddress":""#);
    origin.address(scene.me.persona, out);
    put(out, r#"","userAgent":""#);
    origin.agent(call.prefix, out);
    put(out, "\"");
    if let Some(told) = told {
        error(scene, told, out);
    }
    answer(scene, told, out);
    ids(scene, out);
    put(out, if call.read_only { r#","readOnly":true"# } else { r#","readOnly":false"# });
    if told.is_none() {
        optional(scene, r#","resources":"#, &casting.resources, out);
    }
    put(out, r#","eventType":""#);
    put(out, if call.prefix == "signin" { "AwsConsoleSignIn" } else { "AwsApiCall" });
    put(out, r#"","managementEvent":"#);
    put(out, if call.data { "false" } else { "true" });
    put(out, r#","recipientAccountId":""#);
    put(out, scene.account_id());
    put(out, "\"");
    if call.shared {
        put(out, r#","sharedEventID":""#);
        text::uuid(scene.choice("shared"), out);
        put(out, "\"");
    }
    if origin.private() {
        put(out, r#","vpcEndpointId":"vpce-0"#);
        let place = (scene.account * REGIONS.len() + scene.region) as u64;
        text::hex(mix(named(call.prefix), place), 16, out);
        put(out, r#"","vpcEndpointAccountId":""#);
        put(out, scene.account_id());
        put(out, "\"");
    }
    put(out, r#","eventCategory":""#);
    put(out, if call.data { "Data\"" } else { "Management\"" });
    if origin.has_tls() {
        put(
            out,
            r#","tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":""#,
        );
        scene.fill(&casting.host, out);
        put(out, "\"}");
    }
    if scene.console {
        put(out, r#","sessionCredentialFromConsole":"true""#);
    }
    put(out, "}");
    denied
}

fn put(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

fn optional(scene: &Scene, key: &str, template: &Template, out: &mut Vec<u8>) {
    if !template.is_empty() {
        put(out, key);
        scene.fill(template, out);
    }
}

/// What goes wrong with this call, if anything.
fn fault<'w>(scene: &Scene<'w>) -> Option<&'w Told> {
    let luck = scene.choice("luck");
    let chance = below(luck, 1000);
    let (faults, denied) = match chance {
        _ if chance < DENIED && scene.me.persona.deniable() => (&scene.call.denials, true),
        _ if chance >= 1000 - FAILED => (&scene.call.failures, false),
        _ => return None,
    };
    if faults.is_empty() {
        return None;
    }
    // Whoever is denied a call keeps being denied it by the same policy, most of the time.
    let habit = mix(scene.me.salt, named(&scene.call.action));
    let choice = if denied && !luck.is_multiple_of(4) { habit } else { luck.rotate_left(32) };
    Some(&scene.world.faults[faults[below(choice, faults.len() as u64) as usize]])
}

fn error(scene: &Scene, told: &Told, out: &mut Vec<u8>) {
    if !told.fault.code.is_empty() {
        put(out, r#","errorCode":""#);
        put(out, told.fault.code);
        put(out, "\"");
    }
    if !told.message.is_empty() {
        put(out, r#","errorMessage":""#);
        scene.fill(&told.message, out);
        put(out, "\"");
    }
}

/// What was asked for and what came back.
fn answer(scene: &Scene, told: Option<&Told>, out: &mut Vec<u8>) {
    let casting = scene.call;
    put(out, r#","requestParameters":"#);
    match told {
        Some(told) if !told.fault.keeps_parameters => put(out, "null"),
        _ => scene.fill(&casting.parameters, out),
    }
    put(out, r#","responseElements":"#);
    scene.fill(told.map_or(&casting.response, |told| &told.response), out);
    if told.is_none_or(|told| told.fault.keeps_parameters) || casting.call.prefix == "signin" {
        optional(scene, r#","additionalEventData":"#, &casting.additional, out);
    }
}

fn ids(scene: &Scene, out: &mut Vec<u8>) {
    match scene.call.call.prefix {
        "signin" => {}
        "s3" => {
            put(out, r#","requestID":""#);
            text::base32(scene.choice("request"), 16, out);
            put(out, "\"");
        }
        "dynamodb" => {
            put(out, r#","requestID":""#);
            text::base32(scene.choice("request"), 52, out);
            put(out, "\"");
        }
        _ => scene.fill(&scene.world.request_id, out),
    }
    put(out, r#","eventID":""#);
    text::uuid(scene.choice("event"), out);
    put(out, "\"");
}
