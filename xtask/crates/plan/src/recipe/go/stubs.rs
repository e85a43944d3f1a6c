//! The contract's messages and services for Go: generators as the module names them, then what they write.

use crate::cmd::Cmd;
use crate::proto::CONTRACT;
use crate::recipe::{Context, PlanError};
use crate::step::Step;
use model::arg::Arg;

/// What writes messages: a part of the library that the module names itself.
const MESSAGES: &str = "google.golang.org/protobuf/cmd/protoc-gen-go";
/// What writes services. The version names its bytes: Go asks its checksum database for them.
const SERVICES: &str = "google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.5.1";

/// The places that stubs are made of and in.
pub(in crate::recipe) struct Stubs<'a> {
    /// The staged tree.
    pub src: &'a Arg,
    /// The directory that it lies in, where the generators go.
    pub build: &'a Arg,
    /// The directory of the staged tree that receives them.
    pub to: &'a str,
}

impl Stubs<'_> {
    /// The steps, of which `go` makes the command of Go in a directory.
    pub(in crate::recipe) fn steps(
        &self,
        module: Arg,
        go: impl Fn(Arg) -> Result<Cmd, PlanError>,
    ) -> Result<Vec<Step>, PlanError> {
        let bin = |name: &str| self.build.clone().then(format!("/bin/{name}"));
        let to = self.src.clone().then(format!("/{}", self.to));
        let messages = go(module)?.args(["build", "-o"]).arg(bin("protoc-gen-go")).arg(MESSAGES);
        let services = go(self.build.clone())?.env("GOBIN", self.build.clone().then("/bin"));
        // No module is one's own there that could be read alone.
        let services = services.args(["install", SERVICES]).env("GOFLAGS", "-modcacherw");
        let plugin = |name: &str| Arg::text(format!("--plugin={name}=")).then(bin(name));
        let into = |option: &str| Arg::text(format!("{option}=")).then(to.clone());
        let stubs = Cmd::new("protoc", self.src.clone())
            .args(["-I", "backend"])
            .arg(plugin("protoc-gen-go"))
            .arg(plugin("protoc-gen-go-grpc"))
            .arg(into("--go_out"))
            .arg("--go_opt=paths=source_relative")
            .arg(into("--go-grpc_out"))
            .arg("--go-grpc_opt=paths=source_relative")
            .arg(CONTRACT);
        let directory = Cmd::new("mkdir", self.src.clone()).arg("-p").arg(to.clone());
        Ok(vec![
            Context::step("go-messages", messages)?,
            Context::step("go-services", services)?,
            Context::step("go-stubs-directory", directory)?,
            Context::step("go-stubs", stubs)?,
        ])
    }
}
