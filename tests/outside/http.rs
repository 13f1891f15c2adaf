//! The client: bounded in time and size, led nowhere else, silent about secrets.

use std::time::Duration;

use quarterdeck::outside::{Address, Client, Request, Trouble};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use zeroize::Zeroizing;

use crate::stand_in::{StandIn, said};

fn client(url: &str) -> Client {
    Client::new(url.parse::<Address>().unwrap(), None).unwrap()
}

#[tokio::test]
async fn a_redirect_is_refused_and_its_secret_stays() {
    let elsewhere = StandIn::start(|_| said(200, "{}"));
    let to = format!("{}/login?next=s3cret", elsewhere.url());
    let server = StandIn::start(move |_| (302, vec![("location", to.clone())], String::new()));
    let request = Request::new("POST", "/api").header("authorization", "Bearer s3cret");
    let request = request.body("text/plain", Zeroizing::new("s3cret".to_owned()));
    assert!(!format!("{request:?} {:?}", client(&server.url())).contains("s3cret"));
    let trouble = client(&server.url()).ask(request).await.unwrap_err();
    assert!(matches!(&trouble, Trouble::Redirected(_)) && !trouble.to_string().contains("s3cret"), "{trouble}");
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn an_answer_that_is_too_large_or_no_http_is_told_as_that() {
    let server = StandIn::start(|_| said(200, "x".repeat(5 << 20)));
    assert_eq!(client(&server.url()).ask(Request::new("GET", "/")).await.unwrap_err(), Trouble::TooLarge);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 512]).await;
        stream.write_all(b"SSH-2.0-x\r\n").await.unwrap();
    });
    let trouble = client(&url).ask(Request::new("GET", "/")).await.unwrap_err();
    assert!(matches!(trouble, Trouble::Foreign(_)), "{trouble:?}");
}

#[tokio::test(start_paused = true)]
async fn who_never_answers_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let patience = Duration::from_secs(7);
    let trouble = client(&url).patient(patience).ask(Request::new("GET", "/")).await.unwrap_err();
    assert_eq!(trouble, Trouble::Late(patience));
}

#[tokio::test]
async fn a_header_that_cannot_be_sent_is_not_repeated() {
    let server = StandIn::start(|_| said(200, ""));
    let request = Request::new("GET", "/").header("x-token", "s3cret\r\nx-other: 1");
    let trouble = client(&server.url()).ask(request).await.unwrap_err();
    assert!(!trouble.to_string().contains("s3cret") && server.seen().is_empty(), "{trouble}");
}
