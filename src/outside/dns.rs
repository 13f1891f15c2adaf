//! A question to a name server, as any machine asks it: one datagram out, one back.

use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, SocketAddr};
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

/// What a server says of a name when it is asked for its address: the names that it passes through, and the end.
///
/// # Errors
/// Why there is no answer, in words.
pub async fn look_up(server: &str, name: &str) -> Result<Vec<Record>, String> {
    let told = |error: std::io::Error| error.to_string();
    let server = tokio::net::lookup_host(server).await.map_err(told)?.next().ok_or("its name leads nowhere")?;
    let mine: SocketAddr = match server {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (std::net::Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(mine).await.map_err(told)?;
    // A connected socket hears this server alone.
    socket.connect(server).await.map_err(told)?;
    let id = u16::try_from(RandomState::new().hash_one(name) & 0xffff).unwrap_or_default();
    socket.send(&question(id, name)?).await.map_err(told)?;
    let mut buffer = vec![0; 4096];
    loop {
        let heard = tokio::time::timeout(ANSWER, socket.recv(&mut buffer)).await;
        let length = heard.map_err(|_| format!("no answer within {ANSWER:?}"))?.map_err(told)?;
        if let Some(records) = answer(id, buffer.get(..length).unwrap_or_default())? {
            return Ok(records);
        }
    }
}

fn question(id: u16, name: &str) -> Result<Vec<u8>, String> {
    let mut packet = Packet::new_query(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    let name = Name::new(name).map_err(|error| error.to_string())?;
    packet.questions.push(Question::new(name, QTYPE::TYPE(TYPE::A), QCLASS::CLASS(CLASS::IN), false));
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
        let mut wrong = Vec::new();
        let all =
            wished.there.iter().map(|record| (record, true)).chain(wished.gone.iter().map(|record| (record, false)));
        for (record, there) in all {
            match look_up(server, &record.name).await {
                Ok(said) if said.contains(record) == there => {}
                Ok(_) if there => wrong.push(format!("{record} is not what {server} says")),
                Ok(_) => wrong.push(format!("{record} is still what {server} says")),
                Err(why) => {
                    wrong.push(format!("{server} cannot be asked for {}: {why}", record.name));
                    // Who does not answer once is not asked for all the others.
                    break;
                }
            }
        }
        if wrong.is_empty() {
            return Ok(());
        }
        if Instant::now() >= end {
            return Err(wrong);
        }
        tokio::time::sleep(AGAIN).await;
    }
}
