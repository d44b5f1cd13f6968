//! The function `inactivity` as a process of its own, whose memory a test looks at.

fn main() -> Result<(), runtime::Fault> {
    runtime::serve(inactivity::FUNCTION)
}
