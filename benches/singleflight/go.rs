//! Go's singleflight on the same shapes: ../go/flight.

use std::process::Command;

use xsync_benches::{Go, Row, Sample};

pub fn add(go: &Go, row: &mut Row<'_>, flags: &[String]) {
    let (program, flags) = (go.program("flight"), flags.to_vec());
    row.foreign("Go", go.version(), move |operations| {
        let mut command = Command::new(&program);
        command.args(&flags).arg(format!("-operations={operations}"));
        Sample::told(operations, Go::nanoseconds(&mut command))
    });
}
