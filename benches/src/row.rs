//! One question, asked of all contenders at once.

use std::time::{Duration, Instant};

use crate::{Plan, SUBJECT, version};

/// What one sample took.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// How many operations were done.
    pub operations: u64,
    /// The time for all of them.
    pub elapsed: Duration,
}

impl Sample {
    /// Times `work`, which does `operations`.
    pub fn of(operations: u64, work: impl FnOnce()) -> Self {
        let start = Instant::now();
        work();
        Self { operations, elapsed: start.elapsed() }
    }

    /// So many operations, of so many nanoseconds each by somebody else's clock.
    pub fn told(operations: u64, nanoseconds: f64) -> Self {
        Self { operations, elapsed: Duration::from_nanos((nanoseconds * operations as f64) as u64) }
    }

    fn nanoseconds(self) -> f64 {
        self.elapsed.as_nanos() as f64 / self.operations as f64
    }
}

/// Does about as many operations as it is asked for.
type Run<'a> = Box<dyn FnMut(u64) -> Sample + 'a>;

struct Contender<'a> {
    name: String,
    version: String,
    run: Run<'a>,
    operations: u64,
    nanoseconds: Vec<f64>,
}

/// All contenders of one question.
pub struct Row<'a> {
    title: String,
    sample: Duration,
    contenders: Vec<Contender<'a>>,
}

impl<'a> Row<'a> {
    /// A row whose samples should take `sample` each.
    pub fn new(title: impl Into<String>, sample: Duration) -> Self {
        Self { title: title.into(), sample, contenders: Vec::new() }
    }

    /// Adds a contender of this workspace's lockfile. `run` does about as many operations as it is told and says how
    /// many they were.
    pub fn contender(&mut self, name: &str, run: impl FnMut(u64) -> Sample + 'a) {
        self.foreign(name, &version(name), run);
    }

    /// Adds a contender from elsewhere.
    pub fn foreign(&mut self, name: &str, version: &str, run: impl FnMut(u64) -> Sample + 'a) {
        let (name, version) = (name.to_owned(), version.to_owned());
        self.contenders.push(Contender { name, version, run: Box::new(run), operations: 1, nanoseconds: Vec::new() });
    }

    /// Measures and prints the row, if the plan wants it.
    pub fn measure(self, plan: &Plan) {
        Self::measure_together(vec![self], plan);
    }

    /// Measures several rows round by round, for contenders that answer several questions at a time.
    pub fn measure_together(mut rows: Vec<Self>, plan: &Plan) {
        rows.retain(|row| plan.wants(&row.title));
        for row in &mut rows {
            row.calibrate(plan);
        }
        for round in 0..plan.rounds {
            for row in &mut rows {
                row.round(round);
            }
        }
        for row in &rows {
            row.print();
        }
    }

    /// Finds for each contender how many operations fill a sample; warms it up on the way. The quickest of three tries
    /// counts, so that a preemption is not taken for a slow operation.
    fn calibrate(&mut self, plan: &Plan) {
        let target = plan.sample(self.sample);
        for contender in &mut self.contenders {
            loop {
                let tries = [(); 3].map(|()| (contender.run)(contender.operations));
                let sample = tries.into_iter().min_by_key(|sample| sample.elapsed).expect("three tries");
                if sample.elapsed * 4 >= target || contender.operations > 1 << 40 {
                    let wanted = target.as_nanos() as f64 / sample.nanoseconds().max(0.1);
                    contender.operations = (wanted as u64).max(1);
                    break;
                }
                contender.operations = contender.operations.max(sample.operations) * 2;
            }
        }
    }

    fn round(&mut self, round: usize) {
        let count = self.contenders.len();
        for turn in 0..count {
            let contender = &mut self.contenders[(round + turn) % count];
            let sample = (contender.run)(contender.operations);
            contender.nanoseconds.push(sample.nanoseconds());
        }
    }

    fn print(&self) {
        println!("\n### {}\n", self.title);
        println!(
            "| contender         | version        |  ns, median |            quartiles | ratio |      quartiles |"
        );
        println!(
            "|-------------------|----------------|------------:|---------------------:|------:|---------------:|"
        );
        let subject = self.contenders.iter().find(|contender| contender.name == SUBJECT);
        for contender in &self.contenders {
            let [low, median, high] = quartiles(contender.nanoseconds.clone());
            let time = format!("{median:11.2} | {:>20}", format!("{low:.2} .. {high:.2}"));
            let ratio = subject.map_or(String::new(), |subject| {
                let pairs = contender.nanoseconds.iter().zip(&subject.nanoseconds);
                let [low, median, high] = quartiles(pairs.map(|(other, own)| other / own).collect());
                format!("{median:5.2} | {:>14}", format!("{low:.2} .. {high:.2}"))
            });
            println!("| {:<17} | {:<14} | {time} | {ratio} |", contender.name, contender.version);
        }
    }
}

/// The lower quartile, the median and the upper quartile.
fn quartiles(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| {
        let position = (values.len() - 1) as f64 * f64::from(quarter) / 4.0;
        let (below, above) = (values[position.floor() as usize], values[position.ceil() as usize]);
        below + (above - below) * position.fract()
    })
}

#[cfg(test)]
mod tests {
    use super::quartiles;

    #[test]
    fn quartiles_of_odd_even_and_single_samples() {
        assert_eq!(quartiles(vec![5.0, 1.0, 3.0, 2.0, 4.0]), [2.0, 3.0, 4.0]);
        assert_eq!(quartiles(vec![4.0, 2.0, 3.0, 1.0]), [1.75, 2.5, 3.25]);
        assert_eq!(quartiles(vec![7.0]), [7.0, 7.0, 7.0]);
    }
}
