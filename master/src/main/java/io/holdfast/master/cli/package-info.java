/**
 * The command line {@code holdfast}: a client of the HTTP API and of nothing else, so that it can
 * do no more than anybody with the token can, and works against a master on another machine.
 *
 * <p>What a command answers goes to stdout, as a table or as the API's own JSON; everything that is
 * said about it (errors, notices, hints) goes to stderr. Exit codes: 0 done, or the run succeeded;
 * 1 the run that was waited for did not succeed; 2 the command itself failed.
 */
package io.holdfast.master.cli;
