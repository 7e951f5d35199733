internal import GRDB

extension SQLiteJobStore {
    /// Migrations from an empty file to the current schema. A released migration is never changed.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in
            try db.execute(sql: "PRAGMA application_id = \(applicationID)")
            try db.execute(sql: workflows)
            try db.execute(sql: jobs)
        }
        migrator.registerMigration("2") { db in try db.execute(sql: scale) }
        // Prepared details for lists, as JSON; null in older jobs, which are encoded from request and output.
        migrator.registerMigration("3") { db in try db.execute(sql: "ALTER TABLE job ADD COLUMN listed TEXT") }
        migrator.registerMigration("4") { db in try db.execute(sql: starts) }
        // A trigger makes SQLite copy each page before a new job changes it; see `SQLiteJobStore.insert`.
        migrator.registerMigration("5") { db in try db.execute(sql: "DROP TRIGGER job_retention") }
        // Version of the model of the job; null until the job ends, and if the executor reported none.
        migrator.registerMigration("6") { db in try db.execute(sql: "ALTER TABLE job ADD COLUMN modelVersion TEXT") }
        return migrator
    }

    /// AUTOINCREMENT, so that a workflow recreated under an old name has another number.
    private static let workflows = """
        CREATE TABLE workflow (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            arn TEXT NOT NULL,
            -- the request that made it, as JSON
            document TEXT NOT NULL,
            created INTEGER NOT NULL,
            updated INTEGER NOT NULL,
            UNIQUE (kind, name)
        ) STRICT;
        """

    /// Times are milliseconds since 1970. `number` is the place in the queue.
    private static let jobs = """
        CREATE TABLE job (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            family TEXT NOT NULL,
            id TEXT NOT NULL,
            name TEXT,
            -- idempotency: the caller's token, and a hash of the request it came with
            token TEXT,
            fingerprint TEXT,
            workflow INTEGER REFERENCES workflow (number) ON DELETE CASCADE,
            solutionVersion TEXT,
            -- the service's own word, and what it means to the queue
            status TEXT NOT NULL,
            phase TEXT NOT NULL CHECK (phase IN ('waiting', 'running', 'stopping', 'ended')),
            submitted INTEGER NOT NULL,
            started INTEGER,
            ended INTEGER,
            updated INTEGER NOT NULL,
            expires INTEGER,
            message TEXT,
            -- JSON: the request, the workflow as it was then, the metrics
            request TEXT NOT NULL,
            workflowDocument TEXT,
            metrics TEXT,
            -- where the output goes (a URI), and the key of the manifest in it
            output TEXT NOT NULL,
            manifest TEXT,
            -- JSON: how the run ended, from the moment its output is ready until it is published
            outcome TEXT,
            -- the process that runs the job; the boot in whose ticks its start is counted
            executorPID INTEGER,
            executorStart INTEGER,
            executorBoot TEXT
        ) STRICT;
        CREATE UNIQUE INDEX job_id ON job (family, id);
        CREATE UNIQUE INDEX job_token ON job (family, token) WHERE token IS NOT NULL;
        CREATE UNIQUE INDEX job_lasting_name ON job (family, name) WHERE family IN ('BatchSegment', 'BatchInference');
        CREATE INDEX job_order ON job (family, submitted, id);
        CREATE INDEX job_name ON job (family, name, submitted, id) WHERE name IS NOT NULL;
        CREATE INDEX job_status ON job (family, status, submitted, id);
        CREATE INDEX job_workflow ON job (workflow, submitted, id) WHERE workflow IS NOT NULL;
        -- these are small, whatever the table is; only a query that says the same of phase is answered from them
        CREATE INDEX job_open ON job (family, phase, number) WHERE phase <> 'ended';
        CREATE INDEX job_busy ON job (workflow) WHERE phase <> 'ended';
        """

    /// Indexes for expiry and long lists.
    private static let scale = """
        -- what can be removed, the first to expire first
        CREATE INDEX job_expiry ON job (expires) WHERE phase = 'ended' AND expires IS NOT NULL;
        CREATE INDEX job_retention ON job (family, \(retention()));
        CREATE INDEX job_solution ON job (family, solutionVersion, submitted, id) WHERE solutionVersion IS NOT NULL;
        """

    /// Smaller and fewer indexes: the start of a job writes to each of them.
    private static let starts = """
        DROP INDEX job_busy;
        CREATE INDEX job_busy ON job (workflow) WHERE workflow IS NOT NULL AND phase <> 'ended';
        -- the longest time that any job of a family was ever kept for
        CREATE TABLE retention (family TEXT NOT NULL PRIMARY KEY, seconds INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        INSERT INTO retention SELECT family, MAX(\(retention())) FROM job GROUP BY family;
        DROP INDEX job_retention;
        CREATE TRIGGER job_retention AFTER INSERT ON job
        WHEN NOT EXISTS (SELECT 1 FROM retention WHERE family = NEW.family AND seconds >= \(retention("NEW.")))
        BEGIN
            INSERT OR REPLACE INTO retention VALUES (NEW.family, \(retention("NEW.")));
        END;
        """

    /// Returns the SQL of a job's retention in seconds; over 30,000 years if the job does not expire.
    ///
    /// - Parameter prefix: Prefix of the column names.
    private static func retention(_ prefix: String = "") -> String {
        "COALESCE(\(prefix)expires / 1000 - \(prefix)submitted / 1000, 1000000000000)"
    }
}
