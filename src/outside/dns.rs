//! A question to a name server, as any machine asks it: one datagram out, one back.

use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, PacketFlag, QCLASS, QTYPE, Question, RCODE, TYPE};
use tokio::net::UdpSocket;
use tokio::time::Instant;

use super::names::{Data, Record, Wished};

/// How long one answer may take.
const ANSWER: Duration = Duration::from_secs(2);
/// How long a name server may take until it says what it was told.
const SETTLE: Duration = Duration::from_secs(12);
/// How often it is asked meanwhile.
const AGAIN: Duration = Duration::from_millis(250);

/// What a name below a wildcard is called that nobody else would give.
const PROBE: &str = "quarterdeck-looks";

/// What a server says of a name when it is asked for what this leads to: the names that it passes through, and the end.
///
/// # Errors
/// Why there is no answer, in words.
pub async fn look_up(server: &str, name: &str, like: &Data) -> Result<Vec<Record>, String> {
    let told = |error: std::io::Error| error.to_string();
    let server = tokio::net::lookup_host(server).await.map_err(told)?.next().ok_or("its name leads nowhere")?;
    let mine: SocketAddr = match server {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(mine).await.map_err(told)?;
    // A connected socket hears this server alone.
    socket.connect(server).await.map_err(told)?;
    let id = u16::try_from(RandomState::new().hash_one(name) & 0xffff).unwrap_or_default();
    socket.send(&question(id, name, like)?).await.map_err(told)?;
    let mut buffer = vec![0; 4096];
    loop {
        let heard = tokio::time::timeout(ANSWER, socket.recv(&mut buffer)).await;
        let length = heard.map_err(|_| format!("no answer within {ANSWER:?}"))?.map_err(told)?;
        if let Some(records) = answer(id, buffer.get(..length).unwrap_or_default())? {
            return Ok(records);
        }
    }
}

fn question(id: u16, name: &str, like: &Data) -> Result<Vec<u8>, String> {
    // A name that leads to another is asked for as it is used: by who wants an address.
    let kind = if matches!(like, Data::Aaaa(_)) { TYPE::AAAA } else { TYPE::A };
    let mut packet = Packet::new_query(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    let name = Name::new(name).map_err(|error| error.to_string())?;
    packet.questions.push(Question::new(name, QTYPE::TYPE(kind), QCLASS::CLASS(CLASS::IN), false));
    packet.build_bytes_vec().map_err(|error| error.to_string())
}

/// The records of an answer; none if it answers another question.
fn answer(id: u16, bytes: &[u8]) -> Result<Option<Vec<Record>>, String> {
    let packet = Packet::parse(bytes).map_err(|error| format!("its answer cannot be read: {error}"))?;
    if packet.id() != id || !packet.has_flags(PacketFlag::RESPONSE) {
        return Ok(None);
    }
    match packet.rcode() {
        // Who leads a name nowhere says so in one of these ways.
        RCODE::NoError | RCODE::NameError | RCODE::Refused => {}
        other => return Err(format!("it answers {other:?}")),
    }
    let plain = |name: &Name<'_>| name.to_string().trim_end_matches('.').to_ascii_lowercase();
    let records = packet.answers.iter().filter_map(|record| {
        let data = match &record.rdata {
            RData::A(a) => Data::A(Ipv4Addr::from(a.address)),
            RData::AAAA(a) => Data::Aaaa(Ipv6Addr::from(a.address)),
            RData::CNAME(to) => Data::Cname(plain(&to.0)),
            _ => return None,
        };
        Some(Record { name: plain(&record.name), data })
    });
    Ok(Some(records.collect()))
}

/// Asks until the server says what is wished, as long as it may take to settle.
///
/// # Errors
/// With each name that does not lead where it should.
pub async fn verify(server: &str, wished: &Wished) -> Result<(), Vec<String>> {
    let end = Instant::now() + SETTLE;
    loop {
        let wrong = differences(server, wished).await;
        if wrong.is_empty() {
            return Ok(());
        }
        if Instant::now() >= end {
            return Err(wrong);
        }
        tokio::time::sleep(AGAIN).await;
    }
}

async fn differences(server: &str, wished: &Wished) -> Vec<String> {
    let mut wrong = Vec::new();
    let there = wished.there.iter().map(|record| (record, true));
    for (record, there) in there.chain(wished.gone.iter().map(|record| (record, false))) {
        match says(server, record).await {
            Ok(said) if said == there => {}
            Ok(_) if there => wrong.push(format!("{record} is not what {server} says")),
            Ok(_) => match covered(server, record).await {
                Ok(true) => {}
                _ => wrong.push(format!("{record} is still what {server} says")),
            },
            Err(why) => {
                wrong.push(format!("{server} cannot be asked for {}: {why}", record.name));
                // Who does not answer once is not asked for all the others.
                break;
            }
        }
    }
    wrong
}

/// The server says this record. A wildcard is asked for by a name that it stands for.
async fn says(server: &str, record: &Record) -> Result<bool, String> {
    let name = match record.name.strip_prefix("*.") {
        Some(zone) => format!("{PROBE}.{zone}"),
        None => record.name.clone(),
    };
    let said = look_up(server, &name, &record.data).await?;
    Ok(said.iter().any(|other| other.name == name && other.data == record.data))
}

/// A wildcard above the name says the same of all names: that it still does is no sign that a record stayed.
async fn covered(server: &str, record: &Record) -> Result<bool, String> {
    let Some((_, zone)) = record.name.trim_start_matches("*.").split_once('.') else { return Ok(false) };
    says(server, &Record { name: format!("*.{zone}"), data: record.data.clone() }).await
}
