package caravan.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import caravan.doctor.Finding.Weight;
import caravan.failure.TransientException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DoctorTest {

    private static final Examination WELL = Examination.of("well", "", findings -> findings.ok("as it should be"));

    @Test
    void anExaminationThatFailsItselfIsAFindingAndNotTheEnd() throws Exception {
        Diagnosis diagnosis = Doctor.examine(
                List.of(
                        Examination.of("first", "demo", findings -> {
                            throw new IllegalStateException("a fault of ours");
                        }),
                        WELL),
                finding -> {});

        assertThat(diagnosis.findings()).hasSize(2);
        assertThat(diagnosis.findings().get(0))
                .isEqualTo(new Finding(
                        Weight.WRONG,
                        "first",
                        "demo",
                        "this could not be looked at: the examination failed itself"
                                + " (java.lang.IllegalStateException: a fault of ours)",
                        "run it again with more logging (config/logback.xml); if it stays, report it with that log",
                        1));
        assertThat(diagnosis.findings().get(1).weight()).isEqualTo(Weight.OK);
        assertThat(diagnosis.exitStatus()).isEqualTo(1);
    }

    @Test
    void anExaminationThatHangsKeepsWhatItHasToldAndHoldsUpNobody() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        Examination hangs = new Examination() {
            @Override
            public String subject() {
                return "hangs";
            }

            @Override
            public Duration limit() {
                return Duration.ofMillis(50);
            }

            @Override
            public void examine(Findings findings) throws InterruptedException {
                findings.ok("half of it");
                never.await();
            }
        };

        Diagnosis diagnosis = Doctor.examine(List.of(hangs, WELL), finding -> {});

        assertThat(diagnosis.findings())
                .extracting(Finding::what)
                .containsExactly("half of it", "no answer within 0 s", "as it should be");
        assertThat(diagnosis.findings().get(1).hint()).contains("run it again");
        assertThat(diagnosis.exitStatus()).isEqualTo(75);
    }

    @Test
    void allAreMadeAtTheSameTimeAndToldInTheirOrder() throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        List<String> told = new ArrayList<>();

        Doctor.examine(List.of(meets("one", both), meets("two", both)), finding -> told.add(finding.subject()));

        assertThat(told).containsExactly("one", "two");
    }

    @Test
    void theGravestFindingDecidesTheStatus() throws Exception {
        assertThat(statusOf()).isZero();
        assertThat(statusOf(75)).isEqualTo(75);
        assertThat(statusOf(75, 1)).isEqualTo(1);
        assertThat(statusOf(75, 1, 4)).isEqualTo(4);
        assertThat(statusOf(4, 2, 1)).isEqualTo(2);
        assertThat(statusOf(2, 4, 3, 1, 75)).isEqualTo(3);
    }

    @Test
    void whatIsThrownIsToldWithItsHintAndStatus() throws Exception {
        Diagnosis diagnosis = Doctor.examine(
                List.of(
                        Examination.of("node", "", findings -> {
                            throw new TransientException("asked the node: it is still syncing", "let it catch up");
                        }),
                        Examination.of("disk", "", findings -> {
                            throw new IOException("/data: Input/output error");
                        })),
                finding -> {});

        assertThat(diagnosis.findings())
                .extracting(Finding::what, Finding::hint, Finding::exitStatus)
                .containsExactly(
                        tuple("asked the node: it is still syncing", "let it catch up", 75),
                        tuple(
                                "looking at disk: the disk failed: /data: Input/output error",
                                "see dmesg: the disk, or the way to it, is faulty; look after it before anything else",
                                1));
    }

    private static int statusOf(int... statuses) throws InterruptedException {
        return Doctor.examine(
                        List.of(Examination.of("all", "", findings -> {
                            findings.ok("well");
                            findings.note("to know", "nothing");
                            for (int status : statuses) {
                                findings.wrong(status, "wrong", "mend it");
                            }
                        })),
                        finding -> {})
                .exitStatus();
    }

    private static Examination meets(String subject, CountDownLatch both) {
        return Examination.of(subject, "", findings -> {
            both.countDown();
            assertThat(both.await(30, TimeUnit.SECONDS)).isTrue();
            findings.ok("met the other");
        });
    }
}
