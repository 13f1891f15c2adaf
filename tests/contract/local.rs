//! What only the engine of a node knows: containers and commands in them, usage, images, volumes, disk, and prunes.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use super::client::Answer;
use super::desk::{API, Desk, name, service};

/// A service with one task on the node that is asked, and its container.
async fn contained(desk: &Desk, spec: Value) -> (String, String) {
    let own = desk.get("/info").await.is(200).json["Swarm"]["NodeID"].as_str().expect("a node").to_owned();
    let mut spec = spec;
    spec["Mode"] = json!({"Replicated": {"Replicas": 1}});
    spec["TaskTemplate"]["Placement"] = json!({"Constraints": [format!("node.id=={own}")]});
    let id = desk.make(&spec).await;
    let tasks = desk.until_running(name(&spec), 1).await;
    let running = tasks.as_array().expect("tasks").iter().find(|task| task["Status"]["State"] == "running");
    let status = &running.expect("one that runs")["Status"]["ContainerStatus"];
    (id, status["ContainerID"].as_str().expect("a container").to_owned())
}

/// Starts a command, gives it these bytes, and reads the head of the answer and all that follows.
async fn start(desk: &Desk, exec: &str, body: &Value, input: &[u8]) -> (String, Vec<u8>) {
    let mut stream = UnixStream::connect(&desk.client.0).await.expect("a socket");
    let body = body.to_string();
    let head = format!(
        "POST {API}/exec/{exec}/start HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.expect("a request");
    let mut read = Vec::new();
    let end = loop {
        if let Some(at) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        assert!(stream.read_buf(&mut read).await.expect("an answer") > 0, "the head ended early");
    };
    stream.write_all(input).await.expect("input");
    stream.shutdown().await.expect("the end of the input");
    stream.read_to_end(&mut read).await.expect("all that is said");
    let head = String::from_utf8_lossy(&read[..end]).into_owned();
    (head, read[end + 4..].to_vec())
}

async fn exec(desk: &Desk, container: &str, asked: &Value) -> Answer {
    desk.post(&format!("/containers/{container}/exec"), asked).await
}

fn id(made: &Answer) -> String {
    made.json["Id"].as_str().expect("an id").to_owned()
}

/// Waits until a command has ended, and gives its state.
async fn ended(desk: &Desk, exec: &str) -> Value {
    desk.until(&format!("/exec/{exec}/json"), "the command has ended", |state| state["Running"] == false).await
}

pub async fn a_command_runs_in_a_container_and_its_end_is_known(desk: &Desk) {
    let (service, container) = contained(desk, service("contract-exec", &desk.image("v1"))).await;
    let asked = json!({"AttachStdin": true, "AttachStdout": true, "AttachStderr": true, "Tty": false,
        "Cmd": ["sh", "-c", "echo out; exit 7"]});
    let made = exec(desk, &container, &asked).await.is(201);
    let state = desk.get(&format!("/exec/{}/json", id(&made))).await.is(200).json;
    assert_eq!(
        (&state["Running"], &state["ExitCode"], &state["ContainerID"]),
        (&json!(false), &Value::Null, &json!(container))
    );
    let (head, said) = start(desk, &id(&made), &json!({"Detach": false, "Tty": false}), b"").await;
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    let head = head.to_ascii_lowercase();
    assert!(head.contains("upgrade: tcp") && head.contains("connection: upgrade"), "{head}");
    assert_eq!(said, [&[1, 0, 0, 0, 0, 0, 0, 4][..], b"out\n"].concat());
    let state = ended(desk, &id(&made)).await;
    assert_eq!(state["ExitCode"], 7);
    assert_eq!(state["ProcessConfig"]["entrypoint"], "sh");

    // What goes in comes out, and the end of it is heard.
    let made =
        exec(desk, &container, &json!({"AttachStdin": true, "AttachStdout": true, "Cmd": ["cat"]})).await.is(201);
    let (_, said) = start(desk, &id(&made), &json!({"Detach": false, "Tty": false}), b"in\n").await;
    assert_eq!(said, [&[1, 0, 0, 0, 0, 0, 0, 3][..], b"in\n"].concat());
    // On a terminal there are no frames, and lines end as terminals end them.
    let made = exec(desk, &container, &json!({"AttachStdout": true, "Tty": true, "Cmd": ["sh", "-c", "echo raw"]}))
        .await
        .is(201);
    let (head, said) = start(desk, &id(&made), &json!({"Detach": false, "Tty": true}), b"").await;
    assert!(head.contains("application/vnd.docker.raw-stream"), "{head}");
    assert_eq!(String::from_utf8_lossy(&said), "raw\r\n");
    desk.delete(&format!("/services/{service}")).await.is(200);
}

pub async fn a_command_that_cannot_be_is_refused_with_its_code_and_words(desk: &Desk) {
    let (service, container) = contained(desk, service("contract-noexec", &desk.image("v1"))).await;
    exec(desk, "feedbeef", &json!({"Cmd": ["ls"]})).await.is_refused(404, "No such container: feedbeef");
    exec(desk, &container, &json!({})).await.is_refused(400, "No exec command specified");
    let gone = desk.get("/exec/feedbeef/json").await;
    gone.is_refused(404, "No such exec instance: feedbeef");
    let made =
        exec(desk, &container, &json!({"AttachStdout": true, "Tty": true, "Cmd": ["no-such-program"]})).await.is(201);
    let (_, said) = start(desk, &id(&made), &json!({"Detach": false, "Tty": true}), b"").await;
    assert!(String::from_utf8_lossy(&said).contains("executable file not found in $PATH"), "{said:?}");
    assert_eq!(ended(desk, &id(&made)).await["ExitCode"], 127);
    desk.delete(&format!("/services/{service}")).await.is(200);
}

pub async fn containers_tell_their_task_and_how_much_they_use(desk: &Desk) {
    let (service, container) = contained(desk, service("contract-used", &desk.image("v1"))).await;
    let all = desk.get("/containers/json").await.is(200).json;
    let all = all.as_array().expect("a list");
    let row = all.iter().find(|row| row["Id"] == json!(container)).expect("the container");
    assert_eq!((&row["State"], &row["Labels"]["com.docker.swarm.service.id"]), (&json!("running"), &json!(service)));
    let task = row["Labels"]["com.docker.swarm.task.id"].as_str().expect("a task");
    assert_eq!(row["Names"], json!([format!("/contract-used.1.{task}")]));
    assert!(row["ImageID"].as_str().is_some_and(|id| id.starts_with("sha256:")) && row["Created"].is_u64(), "{row}");

    let mut readings = desk.client.stream(&format!("{API}/containers/{container}/stats?stream=1")).await;
    let (first, second) = (readings.line().await, readings.line().await);
    assert_eq!(first["precpu_stats"]["cpu_usage"]["total_usage"], 0, "{first}");
    assert!(first["precpu_stats"]["system_cpu_usage"].is_null(), "{first}");
    assert_eq!(second["precpu_stats"]["cpu_usage"], first["cpu_stats"]["cpu_usage"]);
    for reading in [&first, &second] {
        assert!(reading["cpu_stats"]["system_cpu_usage"].is_u64() && reading["cpu_stats"]["online_cpus"].is_u64());
        assert!(reading["memory_stats"]["usage"].is_u64() && reading["memory_stats"]["limit"].is_u64(), "{reading}");
        assert!(reading["read"].is_string() && reading["blkio_stats"].is_object());
    }
    let at_once = desk.get(&format!("/containers/{container}/stats?stream=0&one-shot=1")).await.is(200).json;
    assert_eq!(at_once["precpu_stats"]["cpu_usage"]["total_usage"], 0);
    desk.get("/containers/feedbeef/stats?stream=0").await.is_refused(404, "No such container: feedbeef");
    desk.delete(&format!("/services/{service}")).await.is(200);
}

pub async fn what_lies_on_a_disk_is_told_and_what_nothing_needs_goes(desk: &Desk) {
    let mut spec = service("contract-stored", &desk.image("v1"));
    spec["TaskTemplate"]["ContainerSpec"]["Mounts"] =
        json!([{"Type": "volume", "Source": "contract-data", "Target": "/data"}]);
    let (service, container) = contained(desk, spec).await;
    let df = desk.get("/system/df").await.is(200).json;
    let found = |list: &str, key: &str, value: &str| {
        let all = df[list].as_array().cloned().unwrap_or_default();
        all.into_iter().find(|one| one[key] == json!(value)).unwrap_or_else(|| panic!("{value} is not in {list}: {df}"))
    };
    let volume = found("Volumes", "Name", "contract-data");
    assert!(volume["UsageData"]["RefCount"] == 1 && volume["UsageData"]["Size"].is_i64(), "{volume}");
    assert_eq!(found("Containers", "Id", &container)["State"], "running");
    let image = found("Images", "Id", found("Containers", "Id", &container)["ImageID"].as_str().unwrap_or_default());
    assert!(
        image["Containers"].as_u64() >= Some(1) && image["Size"].is_u64() && image["SharedSize"].is_i64(),
        "{image}"
    );
    assert!(df["LayersSize"].is_u64(), "{df}");
    let volumes = desk.get("/volumes").await.is(200).json;
    let listed = volumes["Volumes"].as_array().expect("volumes").iter().any(|volume| volume["Name"] == "contract-data");
    assert!(listed && volumes["Volumes"][0]["Mountpoint"].is_string(), "{volumes}");
    let images = desk.get("/images/json").await.is(200).json;
    assert!(images.as_array().expect("images").iter().any(|listed| listed["Id"] == image["Id"]), "{images}");

    let used = desk.delete("/volumes/contract-data").await;
    assert_eq!(used.status, 409);
    assert!(used.message().starts_with("remove contract-data: volume is in use"), "{}", used.message());
    desk.delete("/volumes/contract-nothing").await.is_refused(404, "get contract-nothing: no such volume");
    desk.delete(&format!("/services/{service}")).await.is(200);
    desk.until("/containers/json?all=1", "the container is gone or has ended", |all| {
        all.as_array().expect("a list").iter().all(|row| row["Id"] != json!(container) || row["State"] == "exited")
    })
    .await;
    let pruned = desk.post("/containers/prune", &json!({})).await.is(200).json;
    assert!(pruned["SpaceReclaimed"].is_u64(), "{pruned}");
    // Named volumes stay, unless all are asked for.
    let pruned = desk.post("/volumes/prune", &json!({})).await.is(200).json;
    assert!(pruned["SpaceReclaimed"].is_u64(), "{pruned}");
    let pruned = desk.post("/images/prune", &json!({})).await.is(200).json;
    assert!(pruned["SpaceReclaimed"].is_u64() && pruned.get("ImagesDeleted").is_some(), "{pruned}");
    let left = desk.delete("/volumes/contract-data").await;
    assert!(left.status == 204 || left.status == 404, "{}", left.text);
}
