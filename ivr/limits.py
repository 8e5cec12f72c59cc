"""Every bound of the product in one place, each with its reason.

Passing a bound is an outcome, a fact and a counter, never a crash.
"""

# Files an author writes -------------------------------------------------------------------------------
FILE_BYTES_MAX = 2 * 1024 * 1024  # a center of 500 states is 120 kB; beyond this it is not a flow
CENTER_FILES_MAX = 2_000  # files of a folder that are looked at for changes; a center has a few dozen
LIST_BYTES_MAX = 16 * 1024 * 1024  # a CSV file of calls or leads: a busy month
YAML_DEPTH_MAX = 64  # the deepest honest flow nests about ten levels
YAML_NODES_MAX = 200_000  # keeps a hostile file under a second
PROBLEMS_MAX = 200  # a screenful is enough; the rest is counted
COMPILED_CHARS_MAX = 400_000  # of all conditions and texts with values that differ: about a second; honest centers have a tenth
SAVED_MAX = (
    1_000  # mistakes that are taken out of a file so that the rest can be checked; with more there is no rest
)
FLOW_MAPS_MAX = (
    30_000  # steps, choices and handlers of one flow, checked in two seconds; a big one has a thousand
)
FINDINGS_MAX = 300  # of one lint rule: more than are shown, and what a rule may cost on a hostile flow
RULES_MAX = 1_000  # named conditions of one flow; each may be inlined into the next
FUNNEL_STEPS_MAX = 50  # a way through more hands is several
CANDIDATES_MAX = 100  # names that one unknown name is compared with
EXPRESSION_CHARS_MAX = 500  # longer conditions belong into a named rule
EXPRESSION_DEPTH_MAX = 30  # the compiler recurses once a level
TEXT_CHARS_MAX = 4_000  # five minutes of speech
ROWS_GENERATED_MAX = 100_000  # of all tables of a center: three seconds to make, and 100 MB, with ten columns
GENERATED_MEAN_MAX = 1_000_000  # of a law of a column: with its far tail still exact to the cent
PICTURE_STATES_MAX = 300  # drawn in ten seconds; nobody reads a bigger picture
NAME_CHARS_MAX = 80  # names become metric labels and file names

# Tests of authors ---------------------------------------------------------------------------------------
TRIAL_FILES_MAX = 2_000  # test files of one center; more are not written by hand
TRIALS_PER_FILE_MAX = 500  # a file that nobody scrolls through is no test any more
TRIAL_STEPS_MAX = 1_000  # steps of one caller
TRIAL_WAITING_MAX = 1_000  # callers who wait before the call begins
SCRIPT_ACTS_MAX = 500  # acts of one topic of a script, replies of one caller
STORY_ENTRIES_MAX = 1_000  # entries of one story's timeline: years of a customer
TRIAL_LEVELS_MAX = 16  # folders below a center in which tests are looked for
TRIAL_HEARS_MS = 60_000  # how long a caller listens for a prompt: beyond it the call went elsewhere
TRIAL_TALKS_MS = 30 * 60_000  # and for somebody to talk to: the longest honest wait
TRIAL_STAYS_MS = 30 * 60_000  # how long a caller without further steps stays on the line before hanging up
TRIAL_AFTER_MS = 32 * 86_400_000  # how long after its beginning a test waits for work orders and messages
TRIAL_LIVE_STAYS_MS = 60_000  # the same against a served center, where the time is real
TRIAL_STORY_LINES_MAX = 40  # lines of a call that a failure shows; the last ones tell why

# A call ------------------------------------------------------------------------------------------------
STEPS_WITHOUT_TIME_MAX = 1_000  # more steps than this in one instant is a runaway flow
FLOW_DEPTH_MAX = 8  # sub-flows calling sub-flows
TYPE_AHEAD_MAX = 32  # keys kept for a later step; a card number and a PIN fit
DIGITS_MAX = 64  # the longest entry an `ask` may take
SPEECH_CHARS_MAX = 500  # what one caller says in one go
NOTE_CHARS_MAX = 80  # a pause's reason, a wrap code
VALUE_CHARS_MAX = 10_000  # a text value of a variable or of a lookup's result
VALUE_NUMBER_MAX = (
    2**63 - 1
)  # an integer or an amount of money: what databases and other readers of JSON can hold
FIELDS_MAX = 200  # fields of a lookup's result
CALLER_CHARS_MAX = 80  # caller's number and name as sent by a peer
CALL_RECORDINGS_MAX = (
    500  # calls recorded at one time: each has a file open, and half of the usual 1024 are phones
)
HANGUP_BUDGET_MS = 5_000  # what `on.hangup` may still do after the line is gone
CALL_MS_MAX = 12 * 3_600_000  # no call is older: a stuck one ends as `system_error`
FLOW_RUN_MS_MAX = 30 * 86_400_000  # a flow without a caller may wait for days: for a reply, for a better hour

# The center ----------------------------------------------------------------------------------------------
CALLS_MAX = 20_000  # calls at one time; further ones are refused with `busy`
QUEUE_LENGTH_MAX = 10_000  # waiting calls of one queue when its own `max_length` is not set
CALLBACK_TRIES_MAX = 10  # attempts of one callback
OFFERS_REMEMBERED_MAX = 100_000  # callers to whom an offer with a cooldown was made; the oldest are forgotten
PRIORITY_MAX = 1_000_000  # of a priority given from outside, and its least with a minus
HISTORY_BYTES_MAX = 256 * 1024 * 1024  # calls that came: some years of a busy center
VARIANTS_MAX = 1_000  # settings of one sweep: a table nobody reads to its end
REPLICATIONS_MAX = 10_000  # of one simulation: an interval that needs more wants another question
SIMULATED_MS_MAX = 10 * 366 * 86_400_000  # ten years
REPLAYED_MAX = 500_000  # calls of a file that are replayed
LEADS_MAX = 100_000  # rows of the list of a campaign
LAST_TALKS_MAX = 50_000  # callers of whom it is remembered which agent they talked to last
CALLBACKS_MAX = 10_000  # callbacks pending in one center
WORK_ORDERS_MAX = 100_000  # work orders pending in one center: a year of a busy field service
APPOINTMENTS_MAX = 100_000  # appointments of one calendar; those that are past are forgotten
MESSAGE_MS_MAX = 30_000  # how long a flow waits for a message to be taken; then it has failed
TIMERS_PURGE_MIN = 256  # below this many dead alarms a purge costs more than it frees
ESTIMATE_HANDLE_MS = 180_000  # handle time assumed before a queue has answered its first call

# What is kept of a run -----------------------------------------------------------------------------------
JOURNAL_LINE_BYTES_MAX = 64 * 1024 * 1024  # the header holds a center's sources, at most 2 MB a file
STORE_QUEUE_MAX = 50_000  # entries waiting for the disk: 20 MB, 10 s of a heavy load test; then no new calls
STORE_QUEUE_SPARING = 40_000  # from here on entries that only inform are dropped, to keep those that count
STORE_QUEUE_HARD = 200_000  # room for what calls in progress still tell once no new ones are admitted
STORE_BATCH_MAX = 5_000  # entries of one transaction: bounds its memory and the wait for the next
STORE_LINGER_MS = 5  # how long a commit waits for company: what kill -9 may lose against syncs a second
STORE_RETRY_MS = 500  # how often a commit is tried again while the disk is full
JOURNEYS_MAX = 50_000  # customers' journeys being followed: a week of a busy center; the oldest end early
JOURNEY_CONTACTS_MAX = 500  # contacts of one journey: who calls more often is a machine
CONTACT_NOTES_MAX = (
    200  # questions, offers, promises and the like of one contact: nobody hears more in a talk
)
METRIC_NAMES_MAX = 200  # label values taken from flows as they are met (offers, limits); the rest is `other`
LOG_VALUE_CHARS_MAX = 256  # a log line is for reading; the whole text is in the journal

# Trying flows out ---------------------------------------------------------------------------------------
EXPLORE_MOVES_MAX = (
    50_000  # moves of one exploration: about a minute; a flow with more is told to be walked in parts
)
EXPLORE_DEPTH_MAX = 100  # decisions of one caller; nobody has made as many in a call
DIFF_CALLERS_MAX = 500  # callers who try everything on two revisions: about ten seconds
FUZZ_ACTS_MAX = 60  # keys one random caller presses; by then most calls are over
EXPLORE_ROWS_MAX = 20  # rows of a table that a lookup is let find; more only repeat each other

# Formulas of queueing theory ----------------------------------------------------------------------------
THEORY_SERVERS_MAX = (
    100_000  # agents or lines: ten times the largest center, and still some seconds for a target
)

# Sockets --------------------------------------------------------------------------------------------------
MESSAGE_BYTES_MAX = 64 * 1024  # one websocket message; a 20 ms packet is 640 bytes, JSON is small
PHONES_MAX = 20_000  # websockets of phones at one time
DESKS_MAX = 2_000  # websockets of desks at one time
OUTBOX_MESSAGES_MAX = 256  # text waiting for a phone that reads slowly; then its line is dropped
OUTBOX_BYTES_MAX = 256 * 1024  # sound waiting for it: eight seconds of the widest codec
HELLO_SECONDS_MAX = 10  # until the first message of a new socket
HEARTBEAT_SECONDS = 20  # between pings; a peer that does not answer is gone
MESSAGES_PER_SECOND_MAX = 50  # of one socket; nobody presses keys faster, and a flood would fill the journal
MESSAGES_BURST_MAX = 300  # what a script may send at once
SOUND_SPEED_MAX = 2.0  # packets of one socket beyond this multiple of real time are dropped
SOUND_BURST_MS_MAX = 5_000  # a bot may send its whole sentence at once
KEYS_PER_MESSAGE_MAX = 64  # keys in one `press`
REST_BODY_BYTES_MAX = 64 * 1024  # REST requests carry no bodies worth more
MESSAGES_KEPT_MAX = 1_000  # messages that REST can still show; older ones are in records and journal
RECORDS_PAGE_MAX = 1_000  # records in one REST answer
LOAD_LINES_MAX = (
    2_000  # simulated callers on sockets at one time: one process keeps up, and each has a file open
)
LOAD_CALLS_MAX = 100_000  # calls one load makes; what was seen of each is kept until the end
LOAD_MS_MAX = 7 * 86_400_000  # how long callers come, in the center's time
SERVICE_BODY_BYTES_MAX = 64 * 1024  # what a service of the user's may answer; a customer is 1 kB
SERVICE_REQUESTS_MAX = 500  # to such services at one time: half of the usual 1024 open files
STORY_LIVE_SECONDS_MAX = 1_800  # one story with a served center: at the usual speed ten hours on the phone
SPEECH_SECONDS_MAX = 10  # until a prompt is played as text tones because its speech does not come
RECORDING_MS_MAX = 10 * 60_000  # a message left by a caller, in memory until it ends
