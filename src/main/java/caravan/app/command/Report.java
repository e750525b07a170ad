package caravan.app.command;

import caravan.restore.FoundSnapshot;
import caravan.restore.source.SourceReport;
import java.util.List;
import java.util.Map;

/** Where a command says what it found and did. */
interface Report {

    /** A snapshot whose signatures are good. */
    void found(FoundSnapshot found, ProgressPrinter printer);

    /** What each source delivered, and what is wrong with it. */
    void sources(List<SourceReport> sources);

    /**
     * The end.
     *
     * @param event name of what happened, for machines
     * @param line the same as a sentence, for people
     * @param facts the same as values, for machines
     */
    void result(String event, String line, Map<String, Object> facts);
}
