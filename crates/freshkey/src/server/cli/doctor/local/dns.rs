//! The DNS records of the domain that emails come from: SPF (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 7489). Without
//! them other mail servers refuse our emails, or accept forged ones as ours.

use crate::server::{
    cli::doctor::finding::{Finding, Rule, Severity, Unchecked},
    settings::{MailWay, Settings},
};
use freshkey_core::causes::with_causes;
use hickory_resolver::{
    TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolverConfig},
    net::{NetError, runtime::TokioRuntimeProvider},
    proto::rr::{RData, RecordType},
};
use std::net::{IpAddr, SocketAddr};

pub(super) const RULES: &[&Rule] =
    &[&DOMAIN_MISSING, &SPF_MISSING, &SPF_DOUBLED, &SPF_OPEN, &DKIM_MISSING, &DMARC_MISSING, &DMARC_NONE];

static DOMAIN_MISSING: Rule = Rule {
    id: "mail-domain-missing",
    severity: Severity::High,
    what: "The domain that emails come from does not exist.",
    why: "Mail servers refuse emails that they can't reply to: nobody can register or reset a password.",
    change: "FRESHKEY_MAIL_FROM=<an address in a domain of yours>",
};
static SPF_MISSING: Rule = Rule {
    id: "spf-missing",
    severity: Severity::Low,
    what: "No SPF record says which servers may send for the domain that emails come from.",
    why: "Large mailbox providers treat such emails as spam, unless your mail provider uses its own return address.",
    change: "In the DNS of the domain: TXT \"v=spf1 include:<what your mail provider names> -all\"",
};
static SPF_DOUBLED: Rule = Rule {
    id: "spf-doubled",
    severity: Severity::Medium,
    what: "The domain that emails come from has several SPF records.",
    why: "Then none of them counts (RFC 7208, section 4.5), and emails are refused as if there were none.",
    change: "In the DNS of the domain: one record with the parts of all of them.",
};
static SPF_OPEN: Rule = Rule {
    id: "spf-open",
    severity: Severity::High,
    what: "The SPF record allows every machine to send for the domain that emails come from.",
    why: "Anybody can send emails with codes and links that pass for yours.",
    change: "In the DNS of the domain, at the end of the record: -all in place of +all",
};
static DKIM_MISSING: Rule = Rule {
    id: "dkim-missing",
    severity: Severity::Medium,
    what: "The DNS lacks the key with which the mail server signs emails.",
    why: "Signatures can't be verified. For a forwarded email, nothing else shows that it is yours.",
    change: "In the DNS of the domain: <selector>._domainkey TXT \"v=DKIM1; k=rsa; p=<the key that your mail provider names>\"",
};
static DMARC_MISSING: Rule = Rule {
    id: "dmarc-missing",
    severity: Severity::Medium,
    what: "No DMARC record says what to do with forged emails.",
    why: "Forged emails reach your users, and large mailbox providers ask bulk senders for a record.",
    change: "In the DNS of the domain: _dmarc TXT \"v=DMARC1; p=quarantine; rua=mailto:<who reads reports>\"",
};
static DMARC_NONE: Rule = Rule {
    id: "dmarc-none",
    severity: Severity::Low,
    what: "The DMARC record lets forged emails through.",
    why: "Forged emails reach your users as if they were yours.",
    change: "In the DNS of the domain: p=quarantine, and p=reject once the reports list none of yours, in place of p=none",
};

/// Whether and how to check the DNS records.
#[derive(clap::Args)]
pub(super) struct DnsArgs {
    /// Also check the DNS records of the domain that emails come from: SPF, DKIM, DMARC.
    #[arg(long, requires = "local")]
    dns: bool,
    /// Resolver for --dns, in place of this machine's own.
    #[arg(long, value_name = "IP[:PORT]", requires = "dns", value_parser = resolver)]
    resolver: Option<SocketAddr>,
    /// Selector of the key with which the mail server signs emails.
    #[arg(long, value_name = "NAME", requires = "dns")]
    dkim: Option<String>,
}

const RECORDS: &str = "records of the mail domain";

pub(super) async fn inspect(args: &DnsArgs, settings: &Settings) -> (Vec<Finding>, Vec<Unchecked>) {
    let nothing = |why: String| (Vec::new(), vec![Unchecked::new(RECORDS, why)]);
    let MailWay::Smtp(_) = settings.mail.way else { return nothing("FRESHKEY_MAIL names no mail server".to_owned()) };
    if !args.dns {
        return nothing("--dns looks at them".to_owned());
    }
    let Some((_, domain)) = settings.mail.from.address.rsplit_once('@') else {
        return nothing("FRESHKEY_MAIL_FROM has no domain".to_owned());
    };
    match records(args, domain).await {
        Ok(records) => {
            let unchecked = Unchecked::new("DKIM", "--dkim names the selector of its key");
            (check(domain, &records), records.dkim.is_none().then_some(unchecked).into_iter().collect())
        }
        Err(error) => nothing(with_causes(&error).to_string()),
    }
}

/// The DNS records of a domain.
struct Records {
    /// The domain's own texts; none if there is no such domain.
    domain: Option<Vec<String>>,
    /// The name of the DKIM key and the records there; none if the operator did not name the key.
    dkim: Option<(String, Vec<String>)>,
    /// The records of the domain, or else of the nearest domain above it that has one; that one counts for all below
    /// it.
    dmarc: Vec<String>,
    /// Whether they come from a domain above.
    inherited: bool,
}

async fn records(args: &DnsArgs, domain: &str) -> Result<Records, NetError> {
    let mut resolver = match args.resolver {
        Some(address) => TokioResolver::builder_with_config(only(address), TokioRuntimeProvider::default()),
        None => TokioResolver::builder_tokio()?,
    };
    resolver.options_mut().attempts = 1;
    let resolver = resolver.build()?;
    let texts = async |name: &str| Ok::<_, NetError>(texts(&resolver, name).await?.unwrap_or_default());
    let own = self::texts(&resolver, domain).await?;
    let dkim = match &args.dkim {
        Some(selector) => {
            let name = format!("{selector}._domainkey.{domain}");
            let found = texts(&name).await?;
            Some((name, found))
        }
        None => None,
    };
    let mut dmarc = Vec::new();
    let mut name = domain;
    loop {
        dmarc.extend(texts(&format!("_dmarc.{name}")).await?.into_iter().filter(|text| is_policy(text)));
        match name.split_once('.') {
            Some((_, above)) if dmarc.is_empty() && above.contains('.') => name = above,
            _ => break,
        }
    }
    let inherited = name != domain;
    Ok(Records { domain: own, dkim, dmarc, inherited })
}

/// Returns the texts of a name; none if the name does not exist.
async fn texts(resolver: &TokioResolver, name: &str) -> Result<Option<Vec<String>>, NetError> {
    // A name that ends in a dot is looked up as it is, not within the machine's own domain.
    match resolver.lookup(format!("{name}."), RecordType::TXT).await {
        Ok(found) => {
            let text = |data: &RData| match data {
                RData::TXT(text) => Some(text.txt_data.iter().map(|part| String::from_utf8_lossy(part)).collect()),
                _ => None,
            };
            Ok(Some(found.answers().iter().filter_map(|record| text(&record.data)).collect()))
        }
        Err(error) if error.is_nx_domain() => Ok(None),
        Err(error) if error.is_no_records_found() => Ok(Some(Vec::new())),
        Err(error) => Err(error),
    }
}

fn check(domain: &str, records: &Records) -> Vec<Finding> {
    let Some(own) = &records.domain else { return vec![DOMAIN_MISSING.seen(domain)] };
    let spf: Vec<_> = own.iter().filter(|text| is_spf(text)).collect();
    let spf = match spf.as_slice() {
        [] => Some(SPF_MISSING.seen(domain)),
        [one] => lets_all(one).then(|| SPF_OPEN.seen(one.as_str())),
        several => Some(SPF_DOUBLED.seen(format!("{} of {domain}", several.len()))),
    };
    let dkim = records.dkim.as_ref().and_then(|(name, found)| {
        // An empty key was withdrawn (RFC 6376, section 3.6.1).
        let is_key = |text: &String| tag(text, "p").is_some_and(|key| !key.is_empty());
        (!found.iter().any(is_key)).then(|| DKIM_MISSING.seen(name))
    });
    let dmarc = match records.dmarc.as_slice() {
        [one] => lets_through(one, records.inherited).then(|| DMARC_NONE.seen(one.as_str())),
        // If there are several, none counts (RFC 7489, section 6.6.3).
        others => Some(DMARC_MISSING.seen(format!("_dmarc.{domain}: {} records", others.len()))),
    };
    [spf, dkim, dmarc].into_iter().flatten().collect()
}

/// Whether it is an SPF record: its version comes first.
fn is_spf(text: &str) -> bool {
    text.split(' ').next().is_some_and(|first| first.eq_ignore_ascii_case("v=spf1"))
}

/// Whether it is a DMARC record.
fn is_policy(text: &str) -> bool {
    text.split(';').next().and_then(|first| tag(first, "v")).is_some_and(|version| version == "DMARC1")
}

/// Whether a DMARC record lets forgeries through. For a domain below its own, `sp` counts if it is there.
fn lets_through(policy: &str, inherited: bool) -> bool {
    let below = if inherited { tag(policy, "sp") } else { None };
    below.or_else(|| tag(policy, "p")).is_none_or(|what| what.eq_ignore_ascii_case("none"))
}

/// Whether an SPF record allows everybody to send: `+all`, or `all`, which means the same (RFC 7208, section 4.6.2).
fn lets_all(spf: &str) -> bool {
    spf.split_ascii_whitespace().any(|term| ["+all", "all"].iter().any(|all| term.eq_ignore_ascii_case(all)))
}

/// Returns the value of a tag in a list like `v=DMARC1; p=none`.
fn tag<'t>(text: &'t str, wanted: &str) -> Option<&'t str> {
    text.split(';').filter_map(|tag| tag.split_once('=')).find(|(name, _)| name.trim() == wanted).map(|(_, v)| v.trim())
}

/// Returns a configuration with this resolver only.
fn only(address: SocketAddr) -> ResolverConfig {
    let mut server = NameServerConfig::udp_and_tcp(address.ip());
    let at_port = |connection: &mut ConnectionConfig| connection.port = address.port();
    server.connections.iter_mut().for_each(at_port);
    ResolverConfig::from_name_servers(vec![server])
}

fn resolver(text: &str) -> Result<SocketAddr, String> {
    let with_port = || text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, 53)).ok();
    text.parse().ok().or_else(with_port).ok_or_else(|| "an address like 192.0.2.53 or 192.0.2.53:5353".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(own: &[&str], dkim: &[&str], dmarc: &[&str]) -> Vec<&'static str> {
        let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        let dkim = Some(("s._domainkey.example.com".to_owned(), texts(dkim)));
        let records = Records { domain: Some(texts(own)), dkim, dmarc: texts(dmarc), inherited: false };
        check("example.com", &records).iter().map(|finding| finding.rule.id).collect()
    }

    #[test]
    fn records_are_read_as_mail_servers_read_them() {
        let (key, policy) = ("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS", "v=DMARC1;p=reject");
        for own in ["v=spf1 mx -all", "V=SPF1 include:_spf.example.net ~all", "v=spf1"] {
            assert!(found(&[own, "other=1"], &[key], &[policy]).is_empty(), "{own}");
        }
        for (own, id) in [("v=spf10 -all", "spf-missing"), ("v=spf1 a all", "spf-open"), ("v=spf1 +ALL", "spf-open")] {
            assert_eq!(found(&[own], &[key], &[policy]), [id], "{own}");
        }
        assert_eq!(found(&["v=spf1 -all"], &["v=DKIM1; p="], &[policy]), ["dkim-missing"], "it was taken back");
        for none in ["v=DMARC1; sp=reject; p=None", "v=DMARC1; rua=mailto:ada@example.com"] {
            assert_eq!(found(&["v=spf1 -all"], &[key], &[none]), ["dmarc-none"], "{none}");
        }
        assert_eq!(found(&["v=spf1 -all"], &[key], &[policy, policy]), ["dmarc-missing"], "none of them counts");
        assert!(is_policy("v = DMARC1 ; p=reject") && !is_policy("p=reject; v=DMARC1"));
        assert!(
            lets_through("v=DMARC1; p=reject; sp=none", true) && !lets_through("v=DMARC1; p=none; sp=reject", true)
        );
    }
}
