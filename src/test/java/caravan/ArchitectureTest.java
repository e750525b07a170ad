package caravan;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who may know whom. A rule that stands in the way is discussed, not worked around. */
@AnalyzeClasses(packages = "caravan", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule vocabularyNeedsTheJdkAlone = classes()
            .that()
            .resideInAnyPackage("caravan.snapshot..", "caravan.failure..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "caravan.snapshot..", "caravan.failure..")
            .because("everything speaks these words, so they must not bring anything with them");

    @ArchTest
    static final ArchRule signaturesNeedTheJdkAlone = classes()
            .that()
            .resideInAPackage("caravan.signature..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "caravan.signature..", "caravan.snapshot..", "caravan.failure..")
            .because("what decides about trust is small enough to be read in full")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule camelStaysInTheApplication = noClasses()
            .that()
            .resideOutsideOfPackage("caravan.app..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.camel..")
            .because("routes order the work and beans do it: what they do can be tested and reused without Camel");

    @ArchTest
    static final ArchRule awsStaysBehindThePort = noClasses()
            .that()
            .resideOutsideOfPackages("caravan.aws..", "caravan.app..", "caravan.locals3..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("software.amazon..")
            .because("S3 is one object store among others, and a client of a CDN needs none");

    @ArchTest
    static final ArchRule localS3IsNoClientOfAws = noClasses()
            .that()
            .resideInAPackage("caravan.locals3..")
            .should()
            .dependOnClassesThat(resideInAPackage("software.amazon..")
                    .and(resideOutsideOfPackage("software.amazon.awssdk.services.s3.model..")))
            .because("S3Proxy's own interface takes the requests of the SDK's S3 model; nothing else of it is needed")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule onlyTheLocalS3KnowsS3Proxy = noClasses()
            .that()
            .resideOutsideOfPackage("caravan.locals3..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.gaul..", "org.jclouds..")
            .because("demo and tests must use the store as they would use the real one");

    @ArchTest
    static final ArchRule localEdgesKnowNothingOfTheirUsers = classes()
            .that()
            .resideInAPackage("caravan.localedge..")
            .should()
            .onlyDependOnClassesThat(resideOutsideOfPackage("caravan..")
                    .or(resideInAnyPackage("caravan.localedge..", "caravan.failure..", "caravan.pace..")))
            .because("they stand in for a CDN, which nobody reaches but by HTTP");

    @ArchTest
    static final ArchRule onlySampleNodeAndDrillOpenRocksDb = noClasses()
            .that()
            .resideOutsideOfPackages("caravan.samplenode..", "caravan.drill..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.rocksdb..")
            .because("opening a database writes into it; a capture reads files and never opens one");

    @ArchTest
    static final ArchRule restoreStandsAlone = noClasses()
            .that()
            .resideInAPackage("caravan.restore..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "caravan.publish..", "caravan.capture..", "caravan.app..", "caravan.aws..", "caravan.store..")
            .because("a client needs a URL and a key, and nothing of a publisher")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule nothingUsesTheApplication = noClasses()
            .that()
            .resideOutsideOfPackage("caravan.app..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("caravan.app..")
            .because("the application puts the parts together, so no part can know it");

    @ArchTest
    static final ArchRule packagesFormNoCycle = slices().matching("caravan.(**)")
            .should()
            .beFreeOfCycles()
            .because("a package that can be read only together with another is not a package");

    @ArchTest
    static final ArchRule onlyTheConsolePrints = noClasses()
            .that()
            .resideOutsideOfPackages("caravan.app..", "caravan.samplenode..")
            .should(ACCESS_STANDARD_STREAMS)
            .because("what a command prints is its contract; everything else is logged");

    @ArchTest
    static final ArchRule loggingIsSlf4j =
            NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING.because("one log, one configuration");

    @ArchTest
    static final ArchRule namesSayWhatAClassDoes = noClasses()
            .should()
            .haveSimpleNameEndingWith("Util")
            .orShould()
            .haveSimpleNameEndingWith("Utils")
            .orShould()
            .haveSimpleNameEndingWith("Helper")
            .orShould()
            .haveSimpleNameEndingWith("Manager")
            .orShould()
            .haveSimpleNameEndingWith("Service")
            .orShould()
            .haveSimpleNameEndingWith("Impl")
            .orShould()
            .haveSimpleNameEndingWith("Processor")
            .because("such a name fits any class, so it says nothing about this one");

    @ArchTest
    static final ArchRule packagesAreFeatures = noClasses()
            .should()
            .resideInAnyPackage(
                    "..util..",
                    "..utils..",
                    "..common..",
                    "..helper..",
                    "..service..",
                    "..model..",
                    "..dto..",
                    "..processor..",
                    "..manager..")
            .because("code that changes together lies together");
}
