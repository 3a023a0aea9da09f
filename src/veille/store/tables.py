"""The statements of each migration, in order: what is once released is never changed, `schema.py` runs them."""

FIRST = """
CREATE TABLE feeds (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL DEFAULT '',
    feed_title TEXT NOT NULL DEFAULT '',
    site_url TEXT NOT NULL DEFAULT '',
    folder TEXT NOT NULL DEFAULT '',
    tags TEXT NOT NULL DEFAULT '[]',
    muted INTEGER NOT NULL DEFAULT 0,
    added_at TEXT NOT NULL,
    removed_at TEXT
);
CREATE TABLE feed_states (
    feed_id INTEGER PRIMARY KEY REFERENCES feeds(id) ON DELETE CASCADE,
    status TEXT NOT NULL DEFAULT 'new',
    reason TEXT NOT NULL DEFAULT '',
    etag TEXT NOT NULL DEFAULT '',
    last_modified TEXT NOT NULL DEFAULT '',
    body_hash TEXT NOT NULL DEFAULT '',
    failures INTEGER NOT NULL DEFAULT 0,
    last_fetch_at TEXT,
    last_ok_at TEXT,
    next_fetch_at TEXT,
    moved_to TEXT NOT NULL DEFAULT '',
    moved_seen INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    feed_id INTEGER NOT NULL REFERENCES feeds(id) ON DELETE CASCADE,
    story_id INTEGER,
    duplicate_of INTEGER,
    published_at TEXT NOT NULL,
    first_seen_at TEXT NOT NULL,
    updated_at TEXT,
    guid TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    url TEXT NOT NULL DEFAULT '',
    title TEXT NOT NULL DEFAULT '',
    author TEXT NOT NULL DEFAULT '',
    language TEXT NOT NULL DEFAULT '',
    words INTEGER NOT NULL DEFAULT 0,
    summary TEXT NOT NULL DEFAULT '',
    tags TEXT NOT NULL DEFAULT '[]',
    enclosures TEXT NOT NULL DEFAULT '[]',
    UNIQUE (feed_id, guid)
);
CREATE INDEX entries_by_story ON entries (story_id);
CREATE INDEX entries_by_date ON entries (published_at);
CREATE INDEX entries_unfolded ON entries (id) WHERE story_id IS NULL;
CREATE TABLE contents (
    entry_id INTEGER PRIMARY KEY REFERENCES entries(id) ON DELETE CASCADE,
    html TEXT NOT NULL
);
CREATE TABLE stories (
    id INTEGER PRIMARY KEY,
    first_at TEXT NOT NULL,
    last_at TEXT NOT NULL
);
CREATE INDEX stories_by_date ON stories (last_at);
CREATE TABLE marks (
    story_id INTEGER PRIMARY KEY REFERENCES stories(id) ON DELETE CASCADE,
    read_at TEXT,
    starred_at TEXT
);
CREATE TABLE notes (
    story_id INTEGER PRIMARY KEY REFERENCES stories(id) ON DELETE CASCADE,
    text TEXT NOT NULL,
    noted_at TEXT NOT NULL
);
CREATE TABLE rule_runs (
    key TEXT PRIMARY KEY,
    matched_to INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE matches (
    key TEXT NOT NULL,
    entry_id INTEGER NOT NULL,
    field TEXT NOT NULL,
    PRIMARY KEY (key, entry_id)
) WITHOUT ROWID;
CREATE INDEX matches_by_entry ON matches (entry_id);
CREATE TABLE stale_matches (
    entry_id INTEGER PRIMARY KEY
);
CREATE TABLE last_list (
    rank INTEGER PRIMARY KEY,
    story_id INTEGER NOT NULL
);
CREATE TABLE digests (
    name TEXT PRIMARY KEY,
    written_at TEXT NOT NULL,
    last_story_id INTEGER NOT NULL,
    path TEXT NOT NULL
);
CREATE VIRTUAL TABLE entries_fts USING fts5 (
    title, body, author, content='', tokenize="unicode61 remove_diacritics 0"
);
CREATE VIRTUAL TABLE entries_stems USING fts5 (
    title, body, content='', tokenize="unicode61 remove_diacritics 0"
);
"""

# What fetching learns beside its outcomes, what the user sets for one feed, and hosts that asked for peace.
POLITENESS = """
ALTER TABLE feeds ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
ALTER TABLE feed_states ADD COLUMN cadence TEXT NOT NULL DEFAULT '{}';
ALTER TABLE feed_states ADD COLUMN failing_since TEXT;
ALTER TABLE feed_states ADD COLUMN asked_until TEXT;
ALTER TABLE feed_states ADD COLUMN missed_at TEXT;
ALTER TABLE feed_states ADD COLUMN redated_at TEXT;
ALTER TABLE feed_states ADD COLUMN future INTEGER NOT NULL DEFAULT 0;
ALTER TABLE feed_states ADD COLUMN prints BLOB NOT NULL DEFAULT x'';
CREATE TABLE hosts (
    host TEXT PRIMARY KEY,
    held_until TEXT NOT NULL,
    reason TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE former_addresses (
    url TEXT PRIMARY KEY,
    feed_id INTEGER NOT NULL REFERENCES feeds(id) ON DELETE CASCADE
) WITHOUT ROWID;
"""

# The page of each entry, the window that folding looks into, and what the user has decided about stories.
STORIES = """
ALTER TABLE entries ADD COLUMN page TEXT NOT NULL DEFAULT '';
CREATE INDEX entries_by_page ON entries (page) WHERE page != '';
DROP INDEX entries_unfolded;
CREATE INDEX entries_unfolded ON entries (published_at, id) WHERE story_id IS NULL;
CREATE TABLE fold_stories (
    story_id INTEGER PRIMARY KEY,
    first_at TEXT NOT NULL,
    scope TEXT NOT NULL DEFAULT ''
);
CREATE TABLE fold_stems (
    stem TEXT NOT NULL,
    story_id INTEGER NOT NULL,
    PRIMARY KEY (stem, story_id)
) WITHOUT ROWID;
CREATE TABLE fold_spread (
    stem TEXT PRIMARY KEY,
    told INTEGER NOT NULL,
    titled INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE verdicts (
    one INTEGER NOT NULL,
    other INTEGER NOT NULL,
    same INTEGER NOT NULL,
    decided_at TEXT NOT NULL,
    PRIMARY KEY (one, other)
) WITHOUT ROWID;
"""

# The last rules that were right; what each look and alert has seen and told; why a read story came back.
DESK = """
CREATE TABLE kept_rules (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    text TEXT NOT NULL,
    kept_at TEXT NOT NULL
);
CREATE TABLE looks (
    name TEXT PRIMARY KEY,
    entry_id INTEGER NOT NULL,
    looked_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE told (
    look TEXT NOT NULL,
    story_id INTEGER NOT NULL REFERENCES stories(id) ON DELETE CASCADE,
    entry_id INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (look, story_id)
) WITHOUT ROWID;
CREATE INDEX entries_by_feed ON entries (feed_id, published_at);
DROP INDEX matches_by_entry;
CREATE INDEX matches_by_entry ON matches (entry_id, field);
CREATE TABLE seen (
    story_id INTEGER PRIMARY KEY REFERENCES stories(id) ON DELETE CASCADE
);
ALTER TABLE entries ADD COLUMN edited_at TEXT;
CREATE INDEX entries_by_edit ON entries (edited_at) WHERE edited_at IS NOT NULL;
ALTER TABLE marks ADD COLUMN back_at TEXT;
ALTER TABLE marks ADD COLUMN back_for TEXT NOT NULL DEFAULT '';
"""

# Watch sessions: their plans, what was done in them, the time it took; articles fetched in full; more marks.
SESSION = """
CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    started_at TEXT NOT NULL,
    saved_at TEXT NOT NULL,
    ended_at TEXT,
    budget INTEGER NOT NULL,
    spent REAL NOT NULL DEFAULT 0,
    place INTEGER NOT NULL DEFAULT 0,
    told TEXT NOT NULL DEFAULT '{}'
);
CREATE TABLE session_slots (
    session_id INTEGER NOT NULL REFERENCES sessions(id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    story_id INTEGER NOT NULL,
    seconds REAL NOT NULL,
    points REAL NOT NULL,
    why TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'todo',
    PRIMARY KEY (session_id, place)
) WITHOUT ROWID;
CREATE TABLE session_actions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id INTEGER NOT NULL REFERENCES sessions(id) ON DELETE CASCADE,
    story_id INTEGER NOT NULL,
    what TEXT NOT NULL,
    value TEXT NOT NULL DEFAULT '',
    before TEXT NOT NULL DEFAULT '{}',
    done_at TEXT NOT NULL,
    undone_at TEXT
);
CREATE TABLE reading (
    session_id INTEGER NOT NULL REFERENCES sessions(id) ON DELETE CASCADE,
    story_id INTEGER NOT NULL,
    seconds REAL NOT NULL DEFAULT 0,
    words INTEGER NOT NULL DEFAULT 0,
    language TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (session_id, story_id)
) WITHOUT ROWID;
CREATE TABLE articles (
    entry_id INTEGER PRIMARY KEY REFERENCES entries(id) ON DELETE CASCADE,
    url TEXT NOT NULL,
    fetched_at TEXT NOT NULL,
    status TEXT NOT NULL,
    title TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT '',
    words INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE story_tags (
    story_id INTEGER NOT NULL REFERENCES stories(id) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    PRIMARY KEY (story_id, tag)
) WITHOUT ROWID;
ALTER TABLE marks ADD COLUMN killed_at TEXT;
ALTER TABLE marks ADD COLUMN later_at TEXT;
ALTER TABLE marks ADD COLUMN picked_at TEXT;
"""

# Numbered issues of digests and press reviews with all they say, what each carried, and what is still to be delivered.
PUBLISHING = """
CREATE TABLE issues (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    number INTEGER NOT NULL,
    written_at TEXT NOT NULL,
    since_at TEXT,
    last_entry_id INTEGER NOT NULL DEFAULT 0,
    content TEXT NOT NULL,
    outputs TEXT NOT NULL DEFAULT '[]',
    published_at TEXT,
    UNIQUE (kind, name, number)
);
CREATE TABLE issue_stories (
    issue_id INTEGER NOT NULL REFERENCES issues(id) ON DELETE CASCADE,
    story_id INTEGER NOT NULL,
    entry_id INTEGER NOT NULL,
    PRIMARY KEY (issue_id, story_id)
) WITHOUT ROWID;
CREATE INDEX issue_stories_by_story ON issue_stories (story_id);
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    way TEXT NOT NULL,
    target TEXT NOT NULL,
    subject TEXT NOT NULL DEFAULT '',
    body BLOB NOT NULL,
    queued_at TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    next_try_at TEXT NOT NULL,
    sent_at TEXT,
    reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX outbox_waiting ON outbox (next_try_at) WHERE sent_at IS NULL;
CREATE TABLE review_items (
    story_id INTEGER PRIMARY KEY REFERENCES stories(id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    rubric TEXT NOT NULL DEFAULT '',
    comment TEXT NOT NULL DEFAULT '',
    added_at TEXT NOT NULL
);
"""

# What has been taken out of the archive by its age: a hash of each guid, so that it does not come back as new.
RETENTION = """
CREATE TABLE pruned (
    feed_id INTEGER NOT NULL REFERENCES feeds(id) ON DELETE CASCADE,
    guid_key BLOB NOT NULL,
    PRIMARY KEY (feed_id, guid_key)
) WITHOUT ROWID;
"""
