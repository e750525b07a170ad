package caravan.app.command;

import caravan.failure.CaravanException;
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
     * Something is not as it should be.
     *
     * @param published whether it is what is published, their data; else it is what is on your disk
     */
    void fault(boolean published, String fault);

    /** It does not work; people read it as the last line of standard error. */
    void failed(CaravanException failure);

    /**
     * The end.
     *
     * @param event name of what happened, for machines
     * @param line the same as a sentence, for people
     * @param facts the same as values, for machines
     */
    void result(String event, String line, Map<String, Object> facts);
}
