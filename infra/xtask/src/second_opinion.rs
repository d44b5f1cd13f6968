//! A second opinion on what the local stack takes AWS to do: tests with the table, and what else the endpoint has, at
//! an endpoint that somebody else wrote. Why so: `infra/decisions/0013`.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::steps::{Aside, Steps};
use crate::tools::Tool;

const MOTO: Tool = Tool {
    with: &["moto[server]==5.2.5"],
    program: "python",
    asked: &["-c", "import moto.server"],
    ..Tool::of("moto", "5.2.5")
};
/// Its server.
const SERVE: &str = include_str!("moto_server.py");
/// What asks of AWS everything that the product asks of it, and takes away what it made there.
const EVERYWHERE: &[&str] = &["store", "walk"];
/// More of it, where nothing costs anything. Not among them: what is about who is quicker, and about capacity, of both of
/// which moto knows nothing; and the routes' own manners, which are not about AWS.
const BY_MOTO: [&str; 2] = ["access", "team"];
/// Of these, what is about very many or about many at once, which moto takes longer over than a function may run.
const CROWDS: &[&str] = &["--skip", "crowds::", "--skip", "rounds::"];
const STEP: &str = "second opinion";
/// What names the endpoint to the tests.
const ENDPOINT: &str = "ROSTER_TEST_ENDPOINT";
/// Looks for the server's answer, and the pause between them.
const LOOKS_MAX: u32 = 300;
const LOOK_PAUSE: Duration = Duration::from_millis(200);

/// Against an endpoint that is there already.
pub(crate) fn at(steps: &mut Steps, endpoint: &str, arguments: &[&str]) -> Result<(), String> {
    let command = tests(steps, endpoint, EVERYWHERE, arguments)?;
    steps.run(STEP, command)
}

/// Asks the endpoint what it has; what asks it the rest.
fn tests(steps: &mut Steps, endpoint: &str, tests: &[&str], arguments: &[&str]) -> Result<Command, String> {
    let mut probe = steps.cargo(&["run", "--quiet", "--package", "local", "--bin", "roster", "--"]);
    probe.args(["--endpoint", endpoint, "--probe"]);
    steps.run(&format!("what {endpoint} has"), probe)?;
    let mut command = steps.cargo(&["test", "--package", "tests"]);
    for test in tests {
        command.args(["--test", test]);
    }
    command.args(arguments).env("INSTA_UPDATE", "no").env(ENDPOINT, endpoint);
    Ok(command)
}

/// Against moto, started for it and ended after it, beside which something else is done: moto is one thread of Python, and
/// leaves the other cores alone.
pub(crate) fn by_moto(
    steps: &mut Steps,
    beside: impl FnOnce(&mut Steps) -> Result<(), String>,
) -> Result<(), String> {
    let program = match MOTO.program(steps.root()) {
        Ok(program) => program,
        Err(why) => {
            steps.leave_out(STEP, &why)?;
            return beside(steps);
        }
    };
    let [access, team] = BY_MOTO;
    let aside = begin(steps, &program, access)?;
    beside(steps)?;
    aside.end(steps)?;
    let aside = begin(steps, &program, team)?;
    for test in EVERYWHERE {
        begin(steps, &program, test)?.end(steps)?;
    }
    aside.end(steps)
}

/// Tests that go on beside what is next, and the moto that they ask: an empty one, since it keeps whatever was written.
struct Asking {
    aside: Aside,
    _server: Server,
}

impl Asking {
    fn end(self, steps: &mut Steps) -> Result<(), String> {
        steps.end(self.aside)
    }
}

fn begin(steps: &mut Steps, program: &Path, test: &str) -> Result<Asking, String> {
    let server = Server::start(Command::new(program))?;
    let command = tests(steps, &server.url(), &[test], &[&["--"], CROWDS].concat())?;
    let aside = steps.begin(&format!("{STEP} on {test}"), command)?;
    Ok(Asking { aside, _server: server })
}

/// moto, until this is dropped.
struct Server {
    process: Child,
    port: u16,
}

impl Server {
    fn start(mut command: Command) -> Result<Self, String> {
        let port = free_port().map_err(|error| format!("no port is free: {error}"))?;
        command.args(["-c", SERVE, "-H", "127.0.0.1", "-p", &port.to_string()]);
        let process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let process = process.map_err(|error| format!("moto could not be started: {error}"))?;
        let mut server = Self { process, port };
        for _ in 0..LOOKS_MAX {
            if let Ok(Some(status)) = server.process.try_wait() {
                return Err(format!("moto ended before it answered: {status}"));
            }
            match TcpStream::connect((Ipv4Addr::LOCALHOST, port)) {
                Ok(_) => return Ok(server),
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => std::thread::sleep(LOOK_PAUSE),
                Err(error) => return Err(format!("moto does not answer: {error}")),
            }
        }
        Err("moto did not answer within a minute".to_owned())
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; there is nobody to tell.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_port() -> std::io::Result<u16> {
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    Ok(listener.local_addr()?.port())
}
