//! How each kind of program writes: its pace, its first words, what it says usually and seldom.
//! Must never hold a real secret or a real address.

/// One kind of program.
#[derive(Debug)]
pub(super) struct Voice {
    /// Words in the name of a service or its image that tell this kind; the first kind that fits speaks.
    of: &'static [&'static str],
    /// Between how many milliseconds another line comes.
    pub(super) pace: (u64, u64),
    /// What it says when it starts.
    pub(super) first: &'static str,
    /// What it says seven times of ten.
    pub(super) usual: &'static [&'static str],
    /// What it says else.
    pub(super) seldom: &'static [&'static str],
}

impl Voice {
    /// The kind of a service (by its name within the stack) with an image.
    pub(super) fn of(service: &str, image: &str) -> &'static Self {
        let program = image.rsplit('/').next().unwrap_or(image);
        let fits = |voice: &&Voice| voice.of.iter().any(|word| service.contains(word) || program.contains(word));
        VOICES.iter().find(fits).unwrap_or(&APP)
    }
}

// `!` in front: standard error. {n} a digit, {ms} two digits, {ip} an address, {path} a path, {time} date and time,
// {show} a title, {e} the escape character, {service} and {image} what runs.

/// Programs of which nothing is known.
pub(super) const APP: Voice = Voice {
    of: &[],
    pace: (3000, 12_000),
    first: "INFO  {service} starting, image {image}",
    usual: &[
        "INFO  request completed path={path} status=200 in {ms} ms",
        "INFO  job {n} finished in {ms} ms",
        "DEBUG cache hit ratio 0.{ms}",
    ],
    seldom: &[
        "INFO  heartbeat ok, {n} clients",
        "{e}[33mWARN{e}[0m  retrying in {n} s: upstream timed out",
        "!{e}[31mERROR{e}[0m could not reach {ip}:443: i/o timeout",
    ],
};

/// All kinds, the narrow ones first.
pub(super) const VOICES: &[Voice] = &[
    Voice {
        of: &["secrets", "op:"],
        pace: (300, 900),
        first: "op-inject: reading the templates in /templates",
        usual: &["op-inject: {n} references resolved", "op-inject: wrote /out (mode 0400)"],
        seldom: &["op-inject: unchanged, left as it is"],
    },
    Voice {
        of: &["provision", "backup"],
        pace: (20_000, 60_000),
        first: "waiting for postgres:5432",
        usual: &["postgres:5432 - accepting connections", "nothing to do before 03:00"],
        seldom: &["NOTICE:  role \"sonarr\" already exists, skipping"],
    },
    Voice {
        of: &["connect-api", "connect-sync"],
        pace: (9000, 30_000),
        first: r#"{"log_message":"(I) starting 1Password Connect ...","timestamp":"{time}","level":3}"#,
        usual: &[
            r#"{"log_message":"(I) GET /v1/vaults completed (200: OK) in {ms}ms","timestamp":"{time}","level":3,"scope":{"request_id":"{n}{ms}"}}"#,
            r#"{"log_message":"(I) GET /heartbeat completed (200: OK) in {n}ms","timestamp":"{time}","level":3}"#,
        ],
        seldom: &[
            r#"{"log_message":"(W) notifier connection lost, reconnecting in {n} s","timestamp":"{time}","level":2}"#,
        ],
    },
    Voice {
        of: &["caddy"],
        pace: (700, 4500),
        first: r#"{"level":"info","ts":"{time}","msg":"serving initial configuration"}"#,
        usual: &[
            r#"{"level":"info","ts":"{time}","logger":"http.log.access","msg":"handled request","request":{"remote_ip":"{ip}","method":"GET","host":"home.example.net","uri":"{path}"},"status":200,"duration":0.0{ms}}"#,
            r#"{"level":"info","ts":"{time}","logger":"http.log.access","msg":"handled request","request":{"remote_ip":"{ip}","method":"GET","host":"grafana.example.net","uri":"{path}"},"status":304,"duration":0.00{n}}"#,
            r#"{"level":"info","ts":"{time}","logger":"http.log.access","msg":"handled request","request":{"remote_ip":"{ip}","method":"POST","host":"sonarr.example.net","uri":"/api/v3/command"},"status":201,"duration":0.1{ms}}"#,
        ],
        seldom: &[
            r#"{"level":"info","ts":"{time}","logger":"docker-proxy","msg":"New Caddyfile","caddyfile":"{n} sites"}"#,
            r#"!{"level":"warn","ts":"{time}","logger":"http.handlers.reverse_proxy","msg":"aborting with incomplete response","upstream":"10.0.4.{n}:8989","duration":2.{ms}}"#,
            r#"!{"level":"error","ts":"{time}","logger":"http.log.error","msg":"dial tcp 10.0.4.{n}:7878: connect: connection refused","status":502}"#,
        ],
    },
    Voice {
        of: &["cloudflared"],
        pace: (6000, 25_000),
        first: "{time} {e}[32mINF{e}[0m Starting tunnel",
        usual: &[
            "{time} {e}[32mINF{e}[0m Registered tunnel connection connIndex={n} location=fra{n} protocol=quic",
            "{time} {e}[32mINF{e}[0m Updated to new configuration version={ms}",
        ],
        seldom: &[
            "!{time} {e}[33mWRN{e}[0m Connection terminated, retrying connIndex={n}",
            "!{time} {e}[31mERR{e}[0m failed to serve incoming request error=\"Unable to reach the origin service\"",
        ],
    },
    Voice {
        of: &["socket-proxy", "whoami", "homepage"],
        pace: (2500, 9000),
        first: "{service} listens",
        usual: &[
            "{ip} - - [{time}] \"GET {path} HTTP/1.1\" 200 {ms}{n}",
            "{ip} - - [{time}] \"GET /services HTTP/1.1\" 200 {ms}04",
            "{ip} - - [{time}] \"GET {path} HTTP/1.1\" 304 0",
        ],
        seldom: &["!{ip} - - [{time}] \"POST /services/create HTTP/1.1\" 403 93"],
    },
    Voice {
        of: &["postgres"],
        pace: (5000, 20_000),
        first: "{time} UTC [1] LOG:  database system is ready to accept connections",
        usual: &[
            "{time} UTC [{ms}] LOG:  checkpoint starting: time",
            "{time} UTC [{ms}] LOG:  checkpoint complete: wrote {ms} buffers (0.{n}%); write=4.{ms} s, sync=0.00{n} s",
            "{time} UTC [{ms}{n}] LOG:  connection authorized: user=sonarr database=sonarr-main",
        ],
        seldom: &[
            "{time} UTC [{ms}{n}] LOG:  automatic vacuum of table \"sonarr-main.public.History\": index scans: 1",
            "!{time} UTC [{ms}{n}] WARNING:  there is already a transaction in progress",
            "!{time} UTC [{ms}{n}] ERROR:  canceling statement due to statement timeout",
        ],
    },
    Voice {
        of: &["mongo"],
        pace: (8000, 30_000),
        first: r#"{"t":{"$date":"{time}"},"s":"I","c":"NETWORK","id":23016,"msg":"Waiting for connections"}"#,
        usual: &[
            r#"{"t":{"$date":"{time}"},"s":"I","c":"WTCHKPT","id":22430,"ctx":"Checkpointer","msg":"WiredTiger message"}"#,
            r#"{"t":{"$date":"{time}"},"s":"I","c":"NETWORK","id":22943,"ctx":"listener","msg":"Connection accepted","attr":{"connectionCount":{n}}}"#,
        ],
        seldom: &[
            r#"!{"t":{"$date":"{time}"},"s":"W","c":"COMMAND","id":51803,"ctx":"conn{n}","msg":"Slow query","attr":{"durationMillis":1{ms}}}"#,
        ],
    },
    Voice {
        of: &["redis"],
        pace: (15_000, 45_000),
        first: "1:M {time} * Ready to accept connections tcp",
        usual: &[
            "1:M {time} * {ms} changes in 300 seconds. Saving...",
            "1:M {time} * Background saving terminated with success",
        ],
        seldom: &["!1:M {time} # Possible overcommit: fork took {ms} ms"],
    },
    Voice {
        of: &["server:20", "worker"],
        pace: (2500, 10_000),
        first: r#"{"event":"Starting authentik bootstrap","level":"info","logger":"authentik.root","timestamp":"{time}"}"#,
        usual: &[
            r#"{"event":"/outpost.goauthentik.io/auth/caddy","level":"info","logger":"authentik.outpost.proxyv2","method":"GET","remote":"{ip}","runtime":"{n}.{ms}","status":200,"timestamp":"{time}"}"#,
            r#"{"event":"Task finished","level":"info","logger":"authentik.root.celery","task_name":"clean_expired_models","timestamp":"{time}"}"#,
        ],
        seldom: &[
            r#"!{"event":"Invalid login","level":"warning","logger":"authentik.flows","remote":"{ip}","timestamp":"{time}"}"#,
        ],
    },
    Voice {
        of: &["sonarr", "radarr", "prowlarr", "bazarr"],
        pace: (3000, 12_000),
        first: "[Info] Bootstrap: Starting {service} - {image}",
        usual: &[
            "[Info] RssSyncService: Starting RSS Sync",
            "[Info] DownloadDecisionMaker: Processing {ms} releases",
            "[Info] RssSyncService: RSS Sync Completed. Reports found: {ms}, Reports grabbed: {n}",
            "[Info] DiskScanService: Scanning {show}",
        ],
        seldom: &[
            "[Info] ImportApprovedEpisodes: Imported {show} S0{n}E1{n}",
            "{e}[33m[Warn]{e}[0m Torznab: Indexer answered slowly: {ms}00 ms",
            "!{e}[31m[Error]{e}[0m DownloadMonitoringService: Couldn't process tracked download {show}",
        ],
    },
    Voice {
        of: &["plex", "jellyfin", "tautulli", "seerr", "maintainerr", "wizarr"],
        pace: (3500, 15_000),
        first: "[INF] {service} is up, image {image}",
        usual: &[
            "[INF] Playback of \"{show}\" S0{n}E0{n}: direct play, {n}.{n} Mbit/s",
            "[INF] GET {path} 200 in {ms} ms for {ip}",
            "[INF] Library scan: \"{show}\" is up to date",
        ],
        seldom: &[
            "{e}[33m[WRN]{e}[0m Slow HTTP response from {ip}: 0:00:0{n}.{ms}",
            "!{e}[31m[ERR]{e}[0m Metadata of \"{show}\" not found, provider answered 404",
        ],
    },
    Voice {
        of: &["sabnzbd"],
        pace: (3000, 10_000),
        first: "{time}::INFO::[SABnzbd:1{ms}] SABnzbd.py-4.5.2 started",
        usual: &[
            "{time}::INFO::[downloader:7{ms}] Thread {n}@news.example.net: forcing disconnect, idle",
            "{time}::INFO::[assembler:1{ms}] Decoding finished {show}.S0{n}E1{n}",
        ],
        seldom: &["!{time}::WARNING::[newsunpack:4{ms}] {show}: {n} blocks need repair"],
    },
    Voice {
        of: &["kometa", "titlecardmaker", "posterizarr"],
        pace: (8000, 30_000),
        first: "[{time}] | {service} waits for its hour |",
        usual: &[
            "[{time}] | INFO | Current time | next run in {n} hours |",
            "[{time}] | INFO | \"{show}\": {n} items unchanged |",
        ],
        seldom: &["[{time}] | {e}[33mWARNING{e}[0m | \"{show}\": no poster found |"],
    },
    Voice {
        of: &["prometheus", "loki", "promtail", "alertmanager", "node-exporter", "cadvisor"],
        pace: (8000, 30_000),
        first: "time={time} level=INFO msg=\"Starting {service}\" image={image}",
        usual: &[
            "time={time} level=INFO component=tsdb msg=\"write block completed\" duration={ms}ms",
            "time={time} level=INFO component=tsdb msg=\"Head GC completed\" duration={n}.{ms}ms",
            "time={time} level=INFO msg=\"uploading tables\" index=index_{ms}",
        ],
        seldom: &[
            "!time={time} level=WARN component=\"scrape manager\" target=http://10.0.6.{n}:9100/metrics msg=\"context deadline exceeded\"",
            "!time={time} level=ERROR msg=\"error sending batch, will retry\" status=429 attempt={n}",
        ],
    },
    Voice {
        of: &["grafana"],
        pace: (4000, 15_000),
        first: "logger=settings t={time} level=info msg=\"Starting Grafana\" version=12.1.1",
        usual: &[
            "logger=context userId={n} t={time} level=info msg=\"Request Completed\" method=GET path=/api/ds/query status=200 duration={ms}ms",
            "logger=cleanup t={time} level=info msg=\"Completed cleanup jobs\" duration={ms}ms",
        ],
        seldom: &["!logger=tsdb.loki t={time} level=error msg=\"Error received from Loki\" status=504"],
    },
    Voice {
        of: &["autokuma"],
        pace: (5000, 20_000),
        first: "{e}[32m INFO{e}[0m autokuma: connecting to http://uptime-kuma:3001",
        usual: &[
            "{e}[32m INFO{e}[0m autokuma::sync: {ms} monitors, none changed",
            "{e}[32m INFO{e}[0m autokuma::sync: read the labels of {ms} services",
        ],
        seldom: &["!{e}[33m WARN{e}[0m autokuma::sync: monitor {ms} is not of our making, left alone"],
    },
    Voice {
        of: &["uptime-kuma"],
        pace: (4000, 14_000),
        first: "{e}[36m{time}{e}[0m [{e}[35mSERVER{e}[0m] {e}[32mINFO:{e}[0m {service} starts",
        usual: &[
            "{e}[36m{time}{e}[0m [{e}[35mMONITOR{e}[0m] {e}[32mINFO:{e}[0m Monitor #{ms}: 200 - OK in {ms} ms",
            "{e}[36m{time}{e}[0m [{e}[35mMONITOR{e}[0m] {e}[32mINFO:{e}[0m Monitor #{ms}: next check in 60 s",
        ],
        seldom: &[
            "!{e}[36m{time}{e}[0m [{e}[35mMONITOR{e}[0m] {e}[33mWARN:{e}[0m Monitor #{ms}: timeout of 48000ms exceeded, retry {n}",
        ],
    },
    Voice {
        of: &["forgejo", "woodpecker", "komodo"],
        pace: (4000, 16_000),
        first: "{time} {e}[32mINFO{e}[0m {service} starts, image {image}",
        usual: &[
            "{time} {e}[32mINFO{e}[0m router: completed GET /fleet/platform{path} for {ip}, 200 OK in {ms}.{n}ms",
            "{time} {e}[34mDEBUG{e}[0m queue: {n} waiting, {n} running",
        ],
        seldom: &[
            "{time} {e}[32mINFO{e}[0m pipeline #{ms} of fleet/platform: success in {ms} s",
            "!{time} {e}[33mWARN{e}[0m webhook delivery #{ms}: no answer within 5 s",
            "!{time} {e}[31mERROR{e}[0m pipeline #{ms} of fleet/platform: step lint ended with code 1",
        ],
    },
    Voice {
        of: &["dnsmasq", "matchbox"],
        pace: (20_000, 60_000),
        first: "{service} starts",
        usual: &[
            "dnsmasq-dhcp: PXE(eth0) 02:00:5e:00:53:{ms} proxy",
            "level=info msg=\"HTTP GET /ipxe?mac=02-00-5e-00-53-{ms}\"",
        ],
        seldom: &["!level=warning msg=\"No matching group\" labels=\"map[mac:02:00:5e:00:53:{ms}]\""],
    },
];
